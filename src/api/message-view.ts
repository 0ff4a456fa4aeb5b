import type { Field } from '#domain/fields/field.ts'
import type { Facility, Severity } from '#domain/severity.ts'

/** A stored message as the API shows it: ids are names, times RFC 3339. */
export interface MessageView {
  readonly seq: number
  readonly received: string // RFC 3339
  readonly sent: string | null
  readonly node: string | null
  readonly session: string | null // hash, or `#<id>` while it has none
  readonly source: string
  readonly method: string
  readonly confidence: number
  readonly facility: Facility
  readonly severity: Severity
  readonly host: string
  readonly app: string
  readonly procid: string
  readonly msgid: string
  readonly structured_data: string
  readonly label: string
  readonly format: string
  readonly faults: readonly string[]
  readonly text: string
  /** Where it has a session: how long after the start of its machine it was said, and by what that is known: `kernel`, `sent`, `received`. */
  readonly since_boot_ms?: number
  readonly since_boot_by?: string
  /** Only where it is asked for: what the message says under a name, in order. */
  readonly fields?: readonly Field[]
  /** There is more than `fields` gives. */
  readonly fields_cut?: boolean
}
