import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessageView } from '../../src/api/parts.ts'
import { freePort } from './child.ts'
import { placeHub, type HubPlace, type RunningHub } from './hub.ts'
import { logger, startRsyslogWith, type Rsyslog } from './senders.ts'

/** Its queue goes to its disk while the hub is away. */
const QUEUE = 'queue.type="LinkedList" queue.filename="hub" queue.size="20000" queue.highwatermark="2000" queue.lowwatermark="200" queue.saveonshutdown="on" action.resumeRetryCount="-1" action.resumeInterval="1"'
/** Messages that librelp has sent over a connection and that were not answered yet. */
export const RELP_WINDOW = 128

/** A real rsyslogd that sends over RELP. `options` belong to its omrelp action. */
export const startRelpSender = ({ port, options = '' }: { readonly port: number; readonly options?: string }): Promise<Rsyslog> =>
  startRsyslogWith({ host: 'tch-relp', modules: ['omrelp'], action: `type="omrelp" target="127.0.0.1" port="${port}" template="RSYSLOG_SyslogProtocol23Format" ${QUEUE} ${options}` })

/** A hub that listens for RELP and nothing else. */
export async function aRelpPlace(): Promise<HubPlace & { readonly relpPort: number }> {
  const relpPort = await freePort()
  const place = await placeHub({ syslog: { listeners: [{ name: 'relp', transport: 'relp', address: '127.0.0.1', port: relpPort }] } })
  return { ...place, relpPort }
}

/** Gives rsyslogd the lines `message <word> <n>`, in order, from number `from` to before `to`. */
export async function say(socket: string, word: string, { from = 0, to }: { readonly from?: number; readonly to: number }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-lines-'))
  const file = join(folder, 'lines')
  writeFileSync(file, Array.from({ length: to - from }, (_, n) => `message ${word} ${from + n}\n`).join(''))
  await logger(['--socket', socket, '-t', 'relayed', '-f', file])
  rmSync(folder, { recursive: true })
}

export const numberOf = ({ text }: Pick<MessageView, 'text'>): number => Number(/ (\d+)$/.exec(text)?.[1])

/** The numbers that are stored, in the order of the stream. */
export const numbersSaid = async (hub: RunningHub, word: string): Promise<number[]> => (await hub.searchAll(`app:relayed ${word}`)).map(numberOf)
