import type { Command } from 'commander'
import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'

/** The pages, each made when it is asked for: what they are made from is much of the program. */
const PAGES: Readonly<Record<string, (program: Command) => Promise<string>>> = {
  configuration: async () => (await import('../docs.ts')).configurationPage(),
  queues: async () => (await import('../queues-page.ts')).queuesPage(),
  metrics: async () => (await import('../metrics-page.ts')).metricsPage(),
  commands: async (program) => (await import('../docs.ts')).commandsPage(program),
}

/** `hps docs …`: the reference pages, from the schema, the declarations and these definitions; tests hold the files to them. */
export const addDocs: AddCommand = (program, run) => {
  const docs = program.command('docs').summary('print the reference pages').description('Prints the reference pages that are made from the code.')
  for (const [name, page] of Object.entries(PAGES)) {
    docs
      .command(name)
      .description(`Prints docs/reference/${name}.md.`)
      .action(
        run(async ({ io }) => {
          io.out(await page(program))
          return EXIT.ok
        }),
      )
  }
}
