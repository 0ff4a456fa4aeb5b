/** Exit codes of every command, as docs/reference/commands.md lists them. `failed` also says that nothing was found, as `journalctl` and `grep` do. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 4 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What a person did wrong or cannot have: one line that says what happened, and one that says what to do. Caught in `run.ts`. */
export class CliFault extends Error {
  override readonly name = 'CliFault'
  readonly exitCode: ExitCode
  readonly hint: string | undefined

  constructor(exitCode: ExitCode, message: string, { hint, cause }: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
    this.hint = hint
  }
}
