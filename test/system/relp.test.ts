import { expect, test } from 'vitest'
import { startHub, sumOf, untilFound } from '../support/hub.ts'
import { aRelpPlace, numbersSaid, say, startRelpSender } from '../support/relp-sender.ts'

/** A real rsyslogd sends over RELP, which the hub answers once a message is on disk. What happens when the hub is killed is in redelivery.test.ts. */
test('two thousand messages arrive once each, in order, and every one is acknowledged', async () => {
  const place = await aRelpPlace()
  const hub = await startHub(place)
  await using sender = await startRelpSender({ port: place.relpPort })
  await say(sender.socket, 'plain', { to: 2000 })
  await untilFound(hub, 'app:relayed "plain 1999"')
  expect(await numbersSaid(hub, 'plain')).toEqual(Array.from({ length: 2000 }, (_, n) => n))
  const [first] = await hub.search('app:relayed "plain 0"')
  expect(first).toMatchObject({ host: 'tch-relp', app: 'relayed', format: 'rfc5424' })
  const samples = await hub.metrics()
  expect(sumOf(samples, 'hps_ingest_relp_acknowledged_total')).toBe(sumOf(samples, 'hps_ingest_messages_total', 'transport="relp"'))
  await hub.stop()
  place.remove()
})
