import type { StreamEvent } from '#sessions/index.ts'
import type { Tokens } from '#api/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { TriggerCommand } from '#triggers/index.ts'
import type { AckEvent, Acks } from './acks.ts'
import type { Names } from './names.ts'

export interface ReactionsOptions {
  readonly acks: Acks
  readonly names: Names
  readonly tokens: Tokens
  readonly log: Logger
  /** Whether there is something new to send. */
  obey(command: TriggerCommand): boolean
  /** There is something new to send. */
  wakeOutbox(): void
}

/** What main does with the things that committed messages meant. */
export function createReactions({ acks, names, tokens, log, obey, wakeOutbox }: ReactionsOptions): (events: readonly StreamEvent[]) => void {
  return (events) => {
    if (events.length > 0) names.forget()
    for (const event of events) react(event)
  }

  function react(event: StreamEvent): void {
    switch (event.kind) {
      case 'ack':
        acks.saw(event satisfies AckEvent)
        return
      case 'trigger':
        if (obey(event)) wakeOutbox()
        return
      case 'token-seen': {
        // whoever reads logs could use it now
        const id = tokens.revokeHash(event.hash, `seen in message ${event.seq}`)
        if (id !== undefined) log.warn({ token_id: id, seq: event.seq, source: names.source(event.sourceId) }, 'Token revoked: it was sent in a log message')
        return
      }
      case 'session-opened':
        log.info({ node: names.node(event.nodeId), session: names.session(event.sessionId), origin: event.origin, seq: event.seq }, 'Session opened')
        return
      case 'session-ended':
        log.info({ node: names.node(event.nodeId), session: names.session(event.sessionId), reason: event.reason, seq: event.seq }, 'Session ended')
        return
      case 'replay':
        log.info({ node: names.node(event.nodeId), session: names.session(event.sessionId), rows: event.rows, seq: event.seq }, 'Old kernel messages came again; no session opened')
    }
  }
}
