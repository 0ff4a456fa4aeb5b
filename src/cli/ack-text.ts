import type { AckView, LoggedView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import { DEVIATIONS, DIALECTS } from '#domain/dialects.ts'
import type { ParseFault } from '#domain/message.ts'
import type { Paint } from './color.ts'
import { facts } from './output.ts'
import { formatAhead } from './source-text.ts'

/** The answer to "did my log arrive?" for a terminal: nothing in it can move the cursor. */
export function describeAck(ack: AckView, paint: Paint): string {
  if (ack.logged) return `${paint.bold(`logged as number ${ack.seq}`)}\n${describeLogged(ack)}`
  const { key, heard, malformed, address, check, waited_ms: waitedMs } = ack
  const ways = heard.map(({ transport, listener, at }) => `${way(transport, listener)} at ${at}`).join(', ')
  return [
    `${paint.bold(`not logged${waitedMs > 0 ? ` within ${waitedMs / 1000} s` : ''}`)}\n`,
    facts([
      ['key', key],
      ['from here', `${address}: ${ways === '' ? 'nothing in the last ten minutes' : ways}`],
      ['no key', malformed && `a message of hps-ack by ${way(malformed.transport, malformed.listener)} at ${malformed.at}`],
    ]),
    ...check.map(({ means }) => `  - ${printable(means)}\n`),
  ].join('')
}

function describeLogged(ack: LoggedView): string {
  const { dialect, session, node, stored_ms: storedMs, ahead_ms: aheadMs } = ack
  const means = Object.hasOwn(DIALECTS, dialect) ? DIALECTS[dialect as keyof typeof DIALECTS] : undefined
  const lines = facts([
    ['received', `${ack.received}${storedMs === null ? '' : `, on disk ${storedMs} ms later`}`],
    ['by', `${way(ack.transport, ack.listener)}${ack.tls ? ' with TLS' : ''}${ack.framing === 'unknown' ? '' : `, framed as ${ack.framing}`}`],
    ['read as', means === undefined ? dialect : `${dialect}: ${means}`],
    ['source', ack.source],
    ['certificate', ack.certificate],
    ['node', node === null ? 'none is known for it' : `${node}, by ${ack.method}, ${ack.confidence} % sure`],
    ['session', session],
    ['sent', ack.sent === null ? 'it has no stamp' : `${ack.sent}${aheadMs === null ? '' : `, ${formatAhead(aheadMs)} from the receipt`}`],
    ['arrivals', ack.arrivals === 1 ? null : `${ack.arrivals} with this key; this is the last`],
  ])
  return lines + ack.deviations.map(describeDeviation).join('')
}

function describeDeviation(name: string): string {
  if (!Object.hasOwn(DEVIATIONS, name)) return `  - ${printable(name)}\n`
  const { means, mend } = DEVIATIONS[name as ParseFault]
  return `  - ${name}: ${means}${mend === '' ? '' : ` ${mend}`}\n`
}

const way = (transport: string, listener: string): string => (transport === listener ? transport : `${transport} (${listener})`)
