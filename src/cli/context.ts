import type { Command } from 'commander'
import { createClient, type HubClient } from './client.ts'
import { choosePaint, type Paint } from './color.ts'
import { findConnection, type GlobalOptions } from './connection.ts'
import { EXIT, type ExitCode } from './exit.ts'
import type { CliIo } from './io.ts'

/** What a command is given: the outside, and the options that all commands share. */
export interface CommandContext {
  readonly io: CliIo
  readonly options: GlobalOptions
  readonly paint: Paint
  /** Made when it is asked for: commands that need no hub look for none. */
  readonly hub: (limits?: { readonly timeoutMs?: number }) => Promise<HubClient>
}

/** Adds one command, or a group of them, to `program`. */
export type AddCommand = (program: Command, run: RunAction) => void

/** Turns an action into what commander calls; its code becomes the process's. Arguments come as commander gives them: first the arguments, then the options. */
export type RunAction = <A extends readonly unknown[]>(action: (context: CommandContext, ...given: A) => Promise<ExitCode> | ExitCode) => (...given: [...A, Command]) => Promise<void>

export function createRunAction(io: CliIo, finish: (code: ExitCode) => void): RunAction {
  return (action) =>
    async (...given) => {
      const command = given.at(-1) as Command
      const options = command.optsWithGlobals<GlobalOptions>()
      const paint = choosePaint(options.color ?? 'auto', io)
      const hub: CommandContext['hub'] = async (limits) => createClient(await findConnection(options, io.env), { ...io, ...limits })
      finish(await action({ io, options, paint, hub }, ...(given.slice(0, -1) as never)))
    }
}

/** For lists: `-- No … --` to people, nothing to pipes, and the code of a search that found nothing. */
export function nothingFound(io: CliIo, what: string): ExitCode {
  io.talk(`-- No ${what} --`)
  return EXIT.failed
}
