import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { programVersion } from '../root.ts'

/** `hps version`: this program's, and the runtime's. */
export const addVersion: AddCommand = (program, run) => {
  program
    .command('version')
    .description('Prints the version of the program, and of the Node that runs it.')
    .action(
      run(({ io }) => {
        io.out(`hps ${programVersion()} (Node ${process.versions.node}, ${process.platform}-${process.arch})\n`)
        return EXIT.ok
      }),
    )
}
