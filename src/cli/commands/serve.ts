import type { HubConfig } from '#app/config.ts'
import { formatTextFault } from '#domain/fault.ts'
import type { AddCommand, CommandContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { wholePort } from '../options.ts'

interface ServeOptions {
  readonly port?: number
  readonly demo?: true
}

/** `hps serve`: the hub, until SIGTERM or Ctrl-C. */
export const addServe: AddCommand = (program, run) => {
  program
    .command('serve')
    .summary('run the hub')
    .description('Runs the hub until SIGTERM or Ctrl-C; SIGHUP reads rules, routes, `syslog.tags` and certificates anew, and opens the files of sinks anew. Without a configuration file it takes syslog on port 5514 (UDP and TCP) and HTTP on port 8080.')
    .option('--port <port>', 'port of the API and the pages (setting http.port)', wholePort)
    .option('--demo', 'also run a fleet of 12 simulated machines that boot, install, fail and log')
    .action(
      run(async (context, options: ServeOptions) => {
        const read = await configReader(context, options)
        const config = read()
        if (config === undefined) return EXIT.usage
        const { runHub, runHubWithDemo } = await import('../start.ts')
        return (await (options.demo === true ? runHubWithDemo : runHub)(context.io, config, read)) as ExitCode
      }),
    )
}

/** `hps check`: every fault of the configuration at once. */
export const addCheck: AddCommand = (program, run) => {
  program
    .command('check')
    .summary('check the configuration')
    .description('Prints every fault of the configuration with file, line and column, and ends with code 2 if there is one.')
    .action(
      run(async (context) => {
        if ((await configOf(context, {})) === undefined) return EXIT.usage
        context.io.talk('the configuration is good')
        return EXIT.ok
      }),
    )
}

/** The configuration, or undefined after its faults were printed. Loaded late: the other commands need no schema. */
async function configOf(context: CommandContext, options: ServeOptions): Promise<HubConfig | undefined> {
  return (await configReader(context, options))()
}

/** Reads the configuration as often as it is asked to, with the flags of this command line. */
async function configReader({ io, options }: CommandContext, { port }: ServeOptions): Promise<() => HubConfig | undefined> {
  const { loadHubConfig } = await import('../hub-config.ts')
  const flags = [
    ...(options.data === undefined ? [] : [{ name: '--data', path: ['data'], value: options.data }]),
    ...(port === undefined ? [] : [{ name: '--port', path: ['http', 'port'], value: port }]),
  ]
  return () => {
    const result = loadHubConfig({ file: options.config, env: io.env, flags })
    if (result.ok) return result.value
    for (const fault of result.faults) io.talk(formatTextFault(fault))
    io.talk(result.faults.length === 1 ? '1 fault in the configuration' : `${result.faults.length} faults in the configuration`)
    return undefined
  }
}
