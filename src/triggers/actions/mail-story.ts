import type { AlertSeverity } from '#domain/alert.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { Telling } from '../notice.ts'
import type { RunbookPart } from './mail-runbook.ts'

export const isOver = (telling: Telling): boolean => telling === 'resolved' || telling === 'fired-and-resolved'

/** One alert of a mail: what is known of it when the mail is made. All texts are an attacker's, but for the rule's own. */
export interface ToldAlert {
  /** 0: it has no record, and no page. */
  readonly id: number
  readonly rule: string
  readonly version: string
  readonly severity: AlertSeverity
  readonly telling: Telling
  /** What happened, in one sentence. */
  readonly title: string
  /** The title of the first mail about it, which stays the subject of its thread. */
  readonly threadTitle: string
  /** Why the rule says so, or why it is over; '' when nobody knows. */
  readonly why: string
  readonly nodeId: number
  /** '' where it is about none. */
  readonly node: string
  /** `rack r3`, `profile storage`, `state running`. */
  readonly facts: readonly { readonly name: string; readonly value: string }[]
  readonly session: string
  readonly sinceMs: number
  readonly lastMs: number
  readonly count: number
  readonly flaps: number
  readonly overMs: number | undefined
  /** Who looks after it, or closed it, and what they wrote. */
  readonly by: string
  readonly note: string
  readonly fields: Readonly<Record<string, string>>
  /** Of the message that showed it; 0: none did. */
  readonly seq: number
  /** Messages that are marked: the first one and the last. */
  readonly hits: readonly number[]
  readonly text: string
  readonly before: number
  readonly after: number
  readonly runbook: string
  /** What the runbook of the program says, where it is one of those. */
  readonly advice: readonly RunbookPart[]
  readonly owner: string
  readonly isLate: boolean
  /** It is about somebody who says nothing: the last words are shown instead of a message that matched. */
  readonly isSilence: boolean
}

/** What a node asked to be told. */
export interface ToldCommand {
  readonly severity: AlertSeverity
  readonly title: string
  readonly body: string
  readonly nodeId: number
  readonly node: string
  readonly facts: ToldAlert['facts']
  readonly session: string
  readonly seq: number
  readonly atMs: number
  readonly before: number
  readonly after: number
}

/** Messages around an alert, oldest first, or why there are none. */
export interface Surroundings {
  readonly messages: readonly StoredMessage[]
  readonly note: string
}

/** What one mail is about. */
export type MailStory = { readonly receiver: string; readonly atMs: number } & (
  /** `more`: alerts beside those listed, told by number only. `commands`: of nodes, in a digest. */
  | { readonly kind: 'alerts' | 'digest'; readonly alerts: readonly ToldAlert[]; readonly more: number; readonly lead: string; readonly commands: readonly ToldCommand[] }
  | { readonly kind: 'command'; readonly command: ToldCommand }
  | { readonly kind: 'test'; readonly by: string; readonly hub: string }
  /** Notices that were given up: told to whoever can still be reached. */
  | { readonly kind: 'dead'; readonly target: string; readonly error: string; readonly outboxIds: readonly number[]; readonly titles: readonly string[] }
)

/** Addresses of the hub's pages; undefined: no links. */
export interface Links {
  alert(id: number): string | undefined
  message(seq: number): string | undefined
  session(name: string): string | undefined
  node(name: string): string | undefined
  alerts(): string | undefined
}

/** How much of it all is shown: a server that takes small mails only gets less. */
export interface ViewLimits {
  readonly inFull: number
  readonly rows: number
  readonly hasContext: boolean
}
