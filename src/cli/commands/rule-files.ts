import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { formatTextFault, type TextFault } from '#domain/fault.ts'
import { printable } from '#base/text.ts'
import type * as TriggersDoor from '#triggers/index.ts'
import type { CommandContext, RunAction } from '../context.ts'
import { CliFault, EXIT, type ExitCode } from '../exit.ts'
import { collect, listOutputOption } from '../options.ts'
import { jsonLine, type Output } from '../output.ts'
import { PROGRAM_ROOT } from '../root.ts'

interface FileOptions { readonly routes?: string; readonly with?: readonly string[]; readonly output: Output }
type Triggers = typeof TriggersDoor
type Source = Parameters<Triggers['loadRules']>[0][number]

/** `hps rules lint|test|schema`: rule files on this machine; no hub is asked. */
export function addRuleFiles(rules: Command, run: RunAction): void {
  const paths = 'files and folders of rules; left out: the folders of the configuration'
  for (const [name, description] of [
    ['lint', 'Reads rule files and says what is wrong with them, as file:line:column: what (hint). It needs no hub. Faults end it with code 1; warnings do not.'],
    ['test', 'Does the same, and runs the tests that stand in the files, on a clock of their own. One that fails ends it with code 1.'],
  ] as const) {
    rules
      .command(name)
      .description(description)
      .argument('[path...]', paths)
      .option('--with <path>', 'rules of this file or folder are there, too, for those that name them; may be repeated', collect)
      .option('--routes <file>', 'receivers and routes, to find receivers that rules name and that are not there; left out: those of the hub, where the folders of the configuration are read')
      .addOption(listOutputOption())
      .action(run((context, given: readonly string[], options: FileOptions) => examine(context, { kind: name, given, options })))
  }
  rules
    .command('schema')
    .description('Prints the JSON Schema of rule files, for editors.')
    .action(
      run(async ({ io }) => {
        const { rulesJsonSchema } = await import('#triggers/index.ts')
        io.out(`${JSON.stringify(rulesJsonSchema(), undefined, 2)}\n`)
        return EXIT.ok
      }),
    )
}

interface Examination { readonly kind: 'lint' | 'test'; readonly given: readonly string[]; readonly options: FileOptions }

async function examine(context: CommandContext, { kind, given, options }: Examination): Promise<ExitCode> {
  const { io } = context
  const [triggers, { createRenderer }] = await Promise.all([import('#triggers/index.ts'), import('#render/index.ts')])
  const own = given.length === 0 ? await configured(context, triggers) : sourcesOf(given, triggers)
  const names = new Set(own.sources.map(({ name }) => resolve(name)))
  const routes = named(options.routes, triggers)
  const beside = sourcesOf(options.with ?? [], triggers)
  const sources = [...own.sources, ...beside.sources.filter(({ name }) => !names.has(resolve(name)))]
  const read = kind === 'test' ? triggers.loadRules : triggers.readRules
  const loaded = own.faults.length + beside.faults.length + routes.faults.length > 0 ? { ok: false as const, faults: [...own.faults, ...beside.faults, ...routes.faults] } : read(sources, { renderer: createRenderer(), nowMs: io.clock(), receivers: given.length > 0 || options.routes !== undefined ? routes.receivers : own.receivers })
  if (options.output === 'json') {
    io.out(jsonLine(loaded.ok ? { good: true, rules: loaded.value.rules.length, tests: kind === 'test' ? loaded.value.tests : 0, faults: [], warnings: loaded.value.warnings } : { good: false, rules: 0, tests: 0, faults: loaded.faults, warnings: [] }))
    return loaded.ok ? EXIT.ok : EXIT.failed
  }
  if (!loaded.ok) {
    for (const fault of loaded.faults) io.out(`${printable(formatTextFault(fault))}\n`)
    io.talk(`-- ${loaded.faults.length} ${loaded.faults.length === 1 ? 'fault' : 'faults'} --`)
    return EXIT.failed
  }
  const { rules, tests, warnings } = loaded.value
  for (const warning of warnings) io.out(`${printable(warning)} [warning]\n`)
  io.talk(`-- ${count(sources.length, 'file')}, ${count(rules.length, 'rule')}${kind === 'test' ? `, ${count(tests, 'test')} passed` : ', no fault'}${warnings.length === 0 ? '' : `, ${count(warnings.length, 'warning')}`} --`)
  return EXIT.ok
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

type Receivers = NonNullable<Parameters<Triggers['loadRules']>[1]['receivers']>
interface Sources { readonly sources: readonly Source[]; readonly faults: readonly TextFault[]; readonly receivers?: Receivers | undefined }

/** The folders that the hub would read. */
async function configured({ options, io }: CommandContext, { readRuleFiles, loadRoutes }: Triggers): Promise<Sources> {
  const { readHubConfig } = await import('../hub-config.ts')
  const { rules, data } = readHubConfig({ file: options.config, env: io.env, flags: [] })
  const directories = rules.directories.map((directory) => resolve(PROGRAM_ROOT, directory))
  const read = readRuleFiles(directories)
  const routes = loadRoutes({ configured: rules.routes, data: resolve(data), directories })
  if (!read.ok || !routes.ok) return { sources: [], faults: [...(read.ok ? [] : read.faults), ...(routes.ok ? [] : routes.faults)] }
  return { sources: read.value, faults: [], receivers: { routes: routes.value, whenNobody: 'fault' } }
}

/** Of the file that was named. */
function named(file: string | undefined, { loadRoutes }: Triggers): Pick<Sources, 'faults' | 'receivers'> {
  if (file === undefined) return { faults: [] }
  const routes = loadRoutes({ configured: file, data: '.', directories: [] })
  return routes.ok ? { faults: [], receivers: { routes: routes.value, whenNobody: 'fault' } } : routes
}

/** A folder with its `local/`, as the hub reads it; a file as it is. @throws CliFault when there is no such path */
function sourcesOf(paths: readonly string[], { readRuleFiles }: Triggers): Sources {
  const faults: TextFault[] = []
  const sources = paths.flatMap((path): readonly Source[] => {
    if (isFolder(path)) {
      const read = readRuleFiles([path])
      if (read.ok) return read.value
      faults.push(...read.faults)
      return []
    }
    return [{ name: path, text: readFileSync(path, 'utf8'), isLocal: basename(dirname(resolve(path))) === 'local' }]
  })
  return { sources, faults }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    throw new CliFault(EXIT.usage, `${printable(path)} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, { hint: 'name a file or folder of rules', cause: error })
  }
}
