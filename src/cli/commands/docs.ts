import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'

/** `hps docs …`: the reference pages, from the schema and from these definitions; tests hold the files to them. */
export const addDocs: AddCommand = (program, run) => {
  const docs = program.command('docs').summary('print the reference pages').description('Prints the reference pages that are made from the code.')
  docs
    .command('configuration')
    .description('Prints docs/reference/configuration.md.')
    .action(
      run(async ({ io }) => {
        const { configurationPage } = await import('../docs.ts')
        io.out(configurationPage())
        return EXIT.ok
      }),
    )
  docs
    .command('metrics')
    .description('Prints docs/reference/metrics.md.')
    .action(
      run(async ({ io }) => {
        const { metricsPage } = await import('../metrics-page.ts')
        io.out(metricsPage())
        return EXIT.ok
      }),
    )
  docs
    .command('commands')
    .description('Prints docs/reference/commands.md.')
    .action(
      run(async ({ io }) => {
        const { commandsPage } = await import('../docs.ts')
        io.out(commandsPage(program))
        return EXIT.ok
      }),
    )
}
