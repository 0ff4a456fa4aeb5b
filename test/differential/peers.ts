import { createRequire } from 'node:module'
import syslogParse from 'syslog-parse'
import { sdText, timeText, type Reading } from './reading.ts'

const require = createRequire(import.meta.url)
interface GlossyMessage { readonly prival?: number; readonly type?: string; readonly time?: Date | false; readonly host?: string | null; readonly appName?: string | null; readonly pid?: string | null; readonly msgID?: string | null; readonly structuredData?: Readonly<Record<string, Readonly<Record<string, string>>>>; readonly message?: string }
interface NsyslogMessage { readonly err?: Error; readonly prival: number; readonly type: string; readonly ts?: Date; readonly host: string; readonly appName?: string; readonly pid?: string; readonly messageid?: string; readonly structuredData?: readonly Readonly<Record<string, string>>[] | string; readonly message: string }
const glossy = require('glossy') as { readonly Parse: { parse(message: string): GlossyMessage } }
const nsyslog = require('nsyslog-parser') as (line: string, options: { readonly generateTimestamp: boolean }) => NsyslogMessage

export const PEERS = ['glossy', 'nsyslog-parser', 'syslog-parse'] as const
export type Peer = (typeof PEERS)[number]

/** What the peer makes of a message, or undefined where it gives up (by an error, or by nothing but the message itself). */
export const READ: Readonly<Record<Peer, (line: string) => Reading | undefined>> = { glossy: readGlossy, 'nsyslog-parser': readNsyslog, 'syslog-parse': readSyslogParse }

const dateText = (date: Date | false | undefined): string => timeText(date instanceof Date ? date.getTime() : undefined)
const numberText = (value: number | undefined): string => (value === undefined || Number.isNaN(value) ? '' : String(value))

function readGlossy(line: string): Reading | undefined {
  let message: GlossyMessage
  try {
    message = glossy.Parse.parse(line)
  } catch {
    return undefined // its structured data reader throws on what it does not know
  }
  if (message.type === undefined) return undefined
  const both = { priority: numberText(message.prival), time: dateText(message.time), host: message.host ?? '', text: (message.message ?? '').trim() }
  if (message.type !== 'RFC5424') return both // it tells no tag: that is part of the text
  const sd = Object.entries(message.structuredData ?? {}).filter(([id]) => id !== 'signedBlock')
  return { ...both, app: message.appName ?? '', pid: message.pid ?? '', msgid: message.msgID ?? '', sd: sd.length === 0 ? '' : sdText(sd) }
}

function readNsyslog(line: string): Reading | undefined {
  const message = nsyslog(line, { generateTimestamp: false })
  if (message.err !== undefined || message.type === 'UNKNOWN') return undefined
  const elements = Array.isArray(message.structuredData) ? message.structuredData as readonly Readonly<Record<string, string>>[] : []
  return {
    priority: numberText(message.prival),
    time: dateText(message.ts),
    host: message.host,
    app: message.appName ?? '',
    pid: message.pid ?? '',
    text: message.message.trim(),
    ...(message.type === 'RFC5424' ? { msgid: message.messageid ?? '', sd: elements.length === 0 ? '' : sdText(elements.map(({ $id, ...params }) => [$id ?? '', params])) } : {}),
  }
}

function readSyslogParse(line: string): Reading | undefined {
  const message = syslogParse(line)
  if (message === undefined) return undefined
  return { priority: numberText(message.priority), time: dateText(message.time), host: message.host, app: message.process, pid: numberText(message.pid), text: message.message }
}
