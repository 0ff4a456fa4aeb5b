import { InvalidArgumentError } from 'commander'
import { canonicalIp } from '#base/ip.ts'
import { cut, printable } from '#base/text.ts'
import { formatTextFault } from '#domain/fault.ts'
import type { TagSetting } from '#ingest/index.ts'
import type { AddCommand, CommandContext } from '../context.ts'
import { CliFault, EXIT, type ExitCode } from '../exit.ts'
import { listOutputOption, wholeNumber } from '../options.ts'
import { jsonLine, type Output } from '../output.ts'
import { queryText } from '../query-text.ts'
import { readCounted } from '../tags/read-counted.ts'
import type { Trial, TriedKind } from '../tags/trial.ts'
import { UNTAGGED } from '../tags/untagged.ts'
import { configFile } from '../root.ts'

interface TagOptions {
  readonly starts?: string
  readonly contains?: string
  readonly app?: string
  readonly appWord?: number
  readonly hostWord?: number
  readonly since: string
  readonly write?: true
  readonly output: Output
}

/** The newest messages that an entry is tried on. */
const MAX_TRIED = 10_000
const SHOWN_KINDS = 5
const SHOWN_TEXT = 70
const PATH = ['syslog', 'tags'] as const

/** `hps sources tag`: tries an entry of `syslog.tags` on what is stored, and writes it if asked. */
export const addSourcesTag: AddCommand = (sources, run) => {
  sources
    .command('tag')
    .description('Gives messages of a sender that carry no tag an APP-NAME: tries the mapping on its newest 10,000 untagged messages that are stored, with the code that the hub reads messages with, shows what it would change, and prints the lines for the configuration. With --write it adds them there.')
    .argument('<address>', 'the sender')
    .option('--starts <text>', 'only messages whose text begins so')
    .option('--contains <text>', 'only messages whose text holds this')
    .option('--app <name>', 'the APP-NAME')
    .option('--app-word <n>', 'the word of the text that is the APP-NAME, from 1', place)
    .option('--host-word <n>', 'the word of the text that is the HOSTNAME, from 1', place)
    .option('-S, --since <time>', 'tried on messages received since', '7d')
    .option('--write', 'add it to the configuration file; what was there stays beside it as FILE.bak')
    .addOption(listOutputOption())
    .action(run((context, address: string, options: TagOptions) => tag(context, address, options)))
}

function place(text: string): number {
  const n = wholeNumber(text)
  if (n < 1) throw new InvalidArgumentError('Words are counted from 1.')
  return n
}

async function tag(context: CommandContext, given: string, options: TagOptions): Promise<ExitCode> {
  const { io } = context
  const [{ MAX_TAG_RULES, tagFault }, { listEntryLines }, { tryTags }] = await Promise.all([import('#ingest/index.ts'), import('#config/index.ts'), import('../tags/trial.ts')])
  const address = canonicalIp(given)
  if (address === undefined) throw new CliFault(EXIT.usage, `${given} is not an address`, { hint: 'hps logs --untagged names the senders' })
  const entry = entryOf(address, options)
  const fault = tagFault(entry)
  if (fault !== undefined) throw new CliFault(EXIT.usage, `this mapping cannot be: ${fault.replaceAll('_', '-')}`, { hint: 'give --app NAME or --app-word N' })
  const before = await tagsInUse(context)
  if (before.length >= MAX_TAG_RULES) throw new CliFault(EXIT.failed, `syslog.tags has ${before.length} entries already, which is the most there can be`)
  const trial = await tryTags(untaggedOf(context, address, options.since), { tags: [...before, entry], address, receivedMs: io.clock() })
  const lines = listEntryLines({ path: PATH, entry })
  if (options.output === 'json') io.out(jsonLine(trialView(trial, entry)))
  else io.out(`${trialText(trial, address, context)}\nfor the configuration:\n\n${lines.replace(/^/gm, '  ').trimEnd()}\n`)
  if (trial.matched === 0) {
    io.talk(options.write === true ? '-- It would change no stored message: nothing is written --' : '-- It would change no stored message --')
    return EXIT.failed
  }
  return options.write === true ? write(context, entry) : EXIT.ok
}

/** In the order of the reference page. */
const entryOf = (from: string, { starts, contains, app, appWord, hostWord }: TagOptions) => ({
  from,
  ...(starts === undefined ? {} : { starts }),
  ...(contains === undefined ? {} : { contains }),
  ...(app === undefined ? {} : { app }),
  ...(appWord === undefined ? {} : { app_word: appWord }),
  ...(hostWord === undefined ? {} : { host_word: hostWord }),
})

/** The entries that come before the new one. */
async function tagsInUse({ io, options: { config } }: CommandContext): Promise<readonly TagSetting[]> {
  const { readHubConfig } = await import('../hub-config.ts')
  return readHubConfig({ file: config, env: io.env, flags: [] }).syslog.tags
}

/** The raw bytes of the newest untagged messages of a sender. */
async function* untaggedOf({ hub, io }: CommandContext, address: string, since: string): AsyncGenerator<Uint8Array> {
  const over = new AbortController()
  const query = queryText([UNTAGGED, `source:"${address}"`], { since }, io.clock())
  const response = await (await hub()).open('/logs/export', {
    parameters: { q: query, form: 'raw', framing: 'octet-counting', order: 'newest' }, headers: { accept: '*/*' }, signal: AbortSignal.any([io.signal, over.signal]),
  })
  let tried = 0
  try {
    for await (const message of response.body === null ? [] : readCounted(response.body)) {
      yield message
      if (++tried === MAX_TRIED) return
    }
  } catch (error) {
    throw error instanceof CliFault ? error : new CliFault(EXIT.failed, 'the hub broke off what it sent', { hint: 'the log of the hub says why', cause: error })
  } finally {
    over.abort()
  }
}

function trialText(trial: Trial, address: string, { paint }: CommandContext): string {
  const { tried, matched, takenBefore, unfit, mapped, left } = trial
  const rest = tried - matched - takenBefore
  const lines = [
    `tried on ${tried === MAX_TRIED ? `the newest ${MAX_TRIED} (there may be more)` : tried} untagged ${tried === 1 ? 'message' : 'messages'} of ${address}: ${matched} would get a tag, ${rest} would stay without`,
    ...(takenBefore > 0 ? [`${takenBefore} would get one by entries that syslog.tags has already: the hub has not read them yet, or the messages are older`] : []),
    ...(unfit > 0 ? [`${unfit} match, but the word is missing or is no name`] : []),
  ]
  for (const { count, before, after } of mapped.slice(0, SHOWN_KINDS)) lines.push('', `${String(count).padStart(8)}  ${paint.dim('before')}  ${shown(before)}`, `${' '.repeat(10)}${paint.bold('after')}   ${shown(after)}`)
  if (mapped.length > SHOWN_KINDS) lines.push('', `          and ${mapped.length - SHOWN_KINDS} kinds more`)
  if (left.length > 0) lines.push('', 'without a tag would stay:', ...left.slice(0, SHOWN_KINDS).map(({ count, before }) => `${String(count).padStart(8)}  ${shown(before)}`))
  if (left.length > SHOWN_KINDS) lines.push(`          and ${left.length - SHOWN_KINDS} kinds more`)
  return `${lines.join('\n')}\n`
}

const shown = ({ host, app, procid, text }: TriedKind['before']): string =>
  `${host === '' ? '-' : printable(host)} ${app === '' ? '-' : printable(app)}${procid === '' ? '' : `[${printable(procid)}]`}: ${printable(cut(text, SHOWN_TEXT))}`

const trialView = ({ tried, matched, takenBefore, unfit, mapped, left }: Trial, entry: TagSetting): Readonly<Record<string, unknown>> => {
  const fields = ({ host, app, procid, text }: TriedKind['before']) => ({ host, app, procid, text })
  return {
    entry, tried, bounded: tried === MAX_TRIED, matched, taken_before: takenBefore, unfit,
    mapped: mapped.map(({ count, before, after }) => ({ count, before: fields(before), after: fields(after) })),
    left: left.map(({ count, before }) => ({ count, message: fields(before) })),
  }
}

async function write({ io, options: { config } }: CommandContext, entry: ReturnType<typeof entryOf>): Promise<ExitCode> {
  const [{ loadHubConfig }, { writeEntry }] = await Promise.all([import('../hub-config.ts'), import('../tags/write-entry.ts')])
  const file = configFile(config, io.env)
  if (file === undefined) throw new CliFault(EXIT.failed, 'there is no configuration file to write to', { hint: 'put the lines into hps.yaml beside the launcher, or name a file with --config' })
  if (io.env['HPS_SYSLOG_TAGS'] !== undefined) throw new CliFault(EXIT.failed, 'HPS_SYSLOG_TAGS replaces the list of the file', { hint: 'add the entry to the variable' })
  const written = tryWrite(() => writeEntry({ file, path: PATH, entry, check: (path) => {
    const result = loadHubConfig({ file: path, env: io.env, flags: [] })
    return result.ok ? [] : result.faults
  } }), file)
  if (!written.ok) throw new CliFault(EXIT.failed, `nothing was written: ${formatTextFault(written.faults[0]!)}`)
  io.talk(`added to ${written.value.file}; what was there is in ${written.value.backup}`)
  io.talk('the hub reads it at SIGHUP: systemctl reload hps-hub, or kill -HUP and its process id')
  return EXIT.ok
}

function tryWrite<T>(work: () => T, file: string): T {
  try {
    return work()
  } catch (error) {
    throw new CliFault(EXIT.failed, `${file} cannot be written: ${(error as Error).message}`, { hint: 'add the lines by hand', cause: error })
  }
}
