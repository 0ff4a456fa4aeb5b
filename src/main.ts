import { processIo, runCli } from '#cli/index.ts'

/** The only entry: `hps` runs this file on the pinned Node. */
process.exitCode = await runCli(process.argv.slice(2), processIo())
