import { CommanderError, type Command } from 'commander'
import { AppFault } from '#domain/fault.ts'
import { createRunAction } from './context.ts'
import { CliFault, EXIT, type ExitCode } from './exit.ts'
import type { CliIo } from './io.ts'
import { createProgram } from './program.ts'

/** Runs one command line (`argv` without program names) and says the exit code. Faults are told on `io.talk`; nothing is thrown. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  let code: ExitCode = EXIT.ok
  const program = createProgram(createRunAction(io, (given) => (code = given)))
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({ writeOut: io.out, writeErr: (text) => io.talk(text.trimEnd()), getOutHelpWidth: () => io.columns ?? 100, getErrHelpWidth: () => io.columns ?? 100 })
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return tell(error, io)
  }
}

/** commander hands its settings on to subcommands only when they are made, so each is set on its own. */
const allCommands = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(allCommands)]

function tell(error: unknown, io: CliIo): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof CliFault) {
    io.talk(`hps: ${error.message}`)
    if (error.hint !== undefined) io.talk(`     ${error.hint}`)
    return error.exitCode
  }
  if (io.signal.aborted) return EXIT.ok
  if (error instanceof AppFault && error.code !== 'internal') {
    io.talk(`hps: ${error.message}`)
    return EXIT.failed
  }
  io.talk(`hps: ${error instanceof Error ? error.message : String(error)}`)
  io.talk(io.env['HPS_DEBUG'] !== undefined && error instanceof Error ? String(error.stack) : '     this is not expected: run it again with HPS_DEBUG=1 and report what it prints')
  return EXIT.failed
}
