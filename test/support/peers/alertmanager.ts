import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startChild, until } from '../child.ts'
import { unpacked } from './unpacked.ts'

export interface Alertmanager extends AsyncDisposable {
  /** Raises an alert, as Prometheus would. */
  raise(labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>>): Promise<void>
}

/** Debian's Alertmanager, unpacked, which tells a web address of every alert at once: what it sends is what the hub's form `alertmanager` has to look like. */
export async function startAlertmanager(webhookUrl: string): Promise<Alertmanager> {
  const root = await unpacked('prometheus-alertmanager')
  const folder = mkdtempSync(join(tmpdir(), 'hps-alertmanager-'))
  const port = await freePort()
  writeFileSync(join(folder, 'config.yml'), `
route: {receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s}
receivers: [{name: hook, webhook_configs: [{url: '${webhookUrl}'}]}]
`)
  // its templates are looked for where its package would have put them
  const within = `mount -t tmpfs none /usr/share && cp -r ${root}/usr/share/prometheus /usr/share/ && exec ${root}/usr/bin/prometheus-alertmanager "$@"`
  const child = startChild('unshare', [
    '--mount', 'sh', '-c', within, 'alertmanager', `--config.file=${folder}/config.yml`, `--storage.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address=',
  ])
  await until('alertmanager to be ready', async () => {
    if (!child.running()) throw new Error(`alertmanager ended:\n${child.output()}`)
    return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok
  })
  return {
    async raise(labels, annotations) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([{ labels, annotations, generatorURL: 'http://prometheus.example/graph' }]) })
      if (!answer.ok) throw new Error(`alertmanager: ${answer.status} ${await answer.text()}`)
    },
    async [Symbol.asyncDispose]() {
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
