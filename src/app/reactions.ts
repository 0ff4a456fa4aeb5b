import type { StreamEvent } from '#sessions/index.ts'
import type { Tokens } from '#api/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { TriggerCommand } from '#triggers/index.ts'
import type { Acking } from './acking.ts'
import type { AckEvent } from './acks.ts'
import type { HubWrites } from './hub-writes.ts'
import type { Names } from './names.ts'

/** With more events in one commit, their log lines become one. */
const MAX_TOLD_ONE_BY_ONE = 20

export interface ReactionsOptions {
  readonly acks: Pick<Acking, 'saw'>
  readonly names: Names
  readonly tokens: Tokens
  readonly log: Logger
  readonly writes: HubWrites
  silences(event: Extract<StreamEvent, { kind: 'silent' | 'heard-again' }>): void
  /** Whether there is something new to send. */
  obey(command: TriggerCommand): boolean
  /** There is something new to send. */
  wakeOutbox(): void
}

/** What main does with the things that committed messages meant. */
export function createReactions({ acks, names, tokens, log, writes, silences, obey, wakeOutbox }: ReactionsOptions): (events: readonly StreamEvent[]) => void {
  return (events) => {
    if (events.some((event) => event.kind === 'session-opened')) names.forget()
    const isStorm = events.length > MAX_TOLD_ONE_BY_ONE
    if (isStorm) tellStorm(events)
    for (const event of events) react(event, isStorm)
  }

  /** A rack that boots at once: one line says it, the sessions themselves say the rest. */
  function tellStorm(events: readonly StreamEvent[]): void {
    const count = (kind: StreamEvent['kind']) => events.filter((event) => event.kind === kind).length
    log.info({ opened: count('session-opened'), ended: count('session-ended'), replayed: count('replay'), first_seq: events[0]!.seq }, 'Many sessions changed at once')
  }

  function react(event: StreamEvent, isStorm: boolean): void {
    switch (event.kind) {
      case 'ack':
      case 'ack-malformed':
      case 'acks-untold':
        acks.saw(event satisfies AckEvent)
        return
      case 'trigger':
        return writes.run(() => void (obey(event) && wakeOutbox()))
      case 'token-seen':
        return writes.run(() => {
          // whoever reads logs could use it now
          const id = tokens.revokeHash(event.hash, `seen in message ${event.seq}`)
          if (id !== undefined) log.warn({ token_id: id, seq: event.seq, source: names.source(event.sourceId) }, 'Token revoked: it was sent in a log message')
        })
      case 'silent':
      case 'heard-again':
        return silences(event)
      case 'session-opened':
        if (!isStorm) log.info({ node: names.node(event.nodeId), session: names.session(event.sessionId), origin: event.origin, seq: event.seq }, 'Session opened')
        return
      case 'session-ended':
        if (!isStorm) log.info({ node: names.node(event.nodeId), session: names.session(event.sessionId), reason: event.reason, seq: event.seq }, 'Session ended')
        return
      case 'replay':
        if (!isStorm) log.info({ node: names.node(event.nodeId), session: names.session(event.sessionId), rows: event.rows, seq: event.seq }, 'Old kernel messages came again; no session opened')
    }
  }
}
