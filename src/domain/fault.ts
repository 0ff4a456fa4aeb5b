/** The catalogue of fault codes that callers meet; docs/reference/faults.md is held to it by a test. */
export const FAULTS = {
  'bad-request': { status: 400, title: 'The request could not be read' },
  'bad-query': { status: 400, title: 'The search could not be read' },
  'bad-cursor': { status: 400, title: 'The cursor is not one of ours' },
  unauthorized: { status: 401, title: 'No valid token was sent' },
  forbidden: { status: 403, title: 'This caller may not do that' },
  'not-found': { status: 404, title: 'There is no such thing' },
  ambiguous: { status: 409, title: 'The name fits more than one thing' },
  conflict: { status: 409, title: 'It was changed meanwhile, or contradicts what is there' },
  'not-allowed-now': { status: 409, title: 'The state of the node does not allow this' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-type': { status: 415, title: 'This content type is not understood' },
  'bad-range': { status: 416, title: 'The file has no such part' },
  'too-many': { status: 429, title: 'A limit was reached' },
  'store-failed': { status: 503, title: 'The store could not take or give the data' },
  deadline: { status: 504, title: 'The search was stopped at its deadline' },
  'shutting-down': { status: 503, title: 'The hub is stopping' },
  internal: { status: 500, title: 'The hub made a mistake' },
} as const satisfies Readonly<Record<string, { status: number; title: string }>>
export type FaultCode = keyof typeof FAULTS

/** An unexpected or I/O failure, or a refusal on its way to a boundary; expected outcomes are values instead. */
export class AppFault extends Error {
  override readonly name = 'AppFault'
  readonly code: FaultCode
  /** Extra members for the answer, never secrets. */
  readonly detail: Readonly<Record<string, unknown>>

  constructor(code: FaultCode, message: string, { cause, detail = {} }: { readonly cause?: unknown; readonly detail?: Readonly<Record<string, unknown>> } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
  }
}

/** A fault in a text that a person wrote (configuration, rules, query): where, what, and what to do. Lines and columns from 1. */
export interface TextFault {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly hint?: string | undefined
}

export const formatTextFault = (fault: TextFault): string =>
  `${fault.file}:${fault.line}:${fault.column}: ${fault.message}${fault.hint === undefined ? '' : ` (${fault.hint})`}`
