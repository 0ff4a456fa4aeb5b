import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { StoreJobView, StoreStatsView } from '#api/index.ts'
import { formatBytes } from '#base/bytes.ts'
import { AppFault } from '#domain/fault.ts'
import { createClient } from '../client.ts'
import { findConnection } from '../connection.ts'
import type { AddCommand, CommandContext } from '../context.ts'
import { CliFault, EXIT, type ExitCode } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { facts, jsonLine, type Output } from '../output.ts'

interface Form { readonly output: Output }

/** How often a running piece of work is asked after. */
const ASK_EVERY_MS = 500
const CANCEL_WITHIN_MS = 5000

/** `hps store …`: what is stored, and keeping it. */
export const addStore: AddCommand = (program, run) => {
  const store = program.command('store').summary('look at, check, back up and restore the store').description('The store of messages and records: what it holds, whether it is sound, copies of it.')

  store
    .command('stats', { isDefault: true })
    .description('Shows what the store holds, how large it is, and what is wrong with it.')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, { output }: Form) => {
        const stats = await (await hub()).get<StoreStatsView>('/store')
        io.out(output === 'json' ? jsonLine(stats) : describe(stats))
        return EXIT.ok
      }),
    )

  store
    .command('check')
    .description('Proves every run, record and database of the store. Ends with code 1 when something is wrong. The hub goes on meanwhile; with --offline the data folder of a hub that does not run is checked.')
    .option('--offline', 'check the folder itself; the hub must not run')
    .addOption(listOutputOption())
    .action(
      run(async (context, { offline, output }: Form & { readonly offline?: true }) => {
        const result = offline === true ? await checkOffline(context) : await work<CheckResult>(context, { kind: 'check' })
        if (output === 'json') context.io.out(jsonLine(result))
        else context.io.out(result.problem_count === 0 ? `sound: ${result.messages} messages in ${result.chunks} pieces and ${result.files} files\n` : result.problems.map((problem) => `${problem}\n`).join(''))
        if (result.problem_count > result.problems.length) context.io.talk(`and ${result.problem_count - result.problems.length} more problems`)
        return result.problem_count === 0 ? EXIT.ok : EXIT.failed
      }),
    )

  store
    .command('backup')
    .description('Writes a backup of log and hub.db, of one moment, while the hub runs: a new folder in the one given, which lies on the machine of the hub.')
    .argument('<folder>', 'for backups only; made when it is not there')
    .addOption(listOutputOption())
    .action(
      run(async (context, folder: string, { output }: Form) => {
        const result = await work<BackupResult>(context, { kind: 'backup', directory: resolve(folder) })
        context.io.out(output === 'json' ? jsonLine(result) : `${result.path}\n`)
        context.io.talk(`${formatBytes(result.bytes)} in ${result.files} files, messages up to seq ${result.last_seq}`)
        for (const left of result.left_out) context.io.talk(`not in it: ${left}`)
        return result.left_out.length === 0 ? EXIT.ok : EXIT.failed
      }),
    )

  store
    .command('restore')
    .description('Makes a data folder from a backup, after proving every file of it. Start the hub on it afterwards.')
    .argument('<backup>', 'the folder that `hps store backup` printed')
    .argument('<data>', 'new data folder: empty, or not there yet')
    .action(run(async (context, backup: string, data: string) => restore(context, resolve(backup), resolve(data))))

  store
    .command('compact')
    .description('Does now what the hub does when it has time: seals what is closed, removes what has passed its limits, rewrites files that are of an older format, in small pieces or of a finished day.')
    .addOption(listOutputOption())
    .action(
      run(async (context, { output }: Form) => {
        const result = await work<CompactResult>(context, { kind: 'compact' })
        context.io.out(output === 'json' ? jsonLine(result) : `${result.sealed_messages} messages sealed, ${result.removed_files.length} files removed, ${result.rewritten_files} rewritten${result.rewritten_files === 0 ? '' : ` (${formatBytes(result.saved_bytes)} saved)`}${result.store_bytes === null ? '' : `, the log takes ${formatBytes(result.store_bytes)}`}\n`)
        return EXIT.ok
      }),
    )

  store
    .command('accept-loss')
    .description('Accepts that a damaged file, which was set aside, is lost: searches count as complete again.')
    .argument('<name>', 'as hps store stats has it')
    .action(
      run(async ({ io, hub }, name: string) => {
        await (await hub()).send('POST', '/store/accept-loss', { name })
        io.talk(`${name} is accepted as lost; the file is kept until you remove it`)
        return EXIT.ok
      }),
    )
}

interface CheckResult { readonly messages: number; readonly chunks: number; readonly files: number; readonly problems: readonly string[]; readonly problem_count: number }
interface BackupResult { readonly path: string; readonly bytes: number; readonly files: number; readonly last_seq: number; readonly left_out: readonly string[] }
interface CompactResult { readonly sealed_messages: number; readonly removed_files: readonly string[]; readonly rewritten_files: number; readonly saved_bytes: number; readonly store_bytes: number | null }

/** Has the hub do it and waits; Ctrl-C cancels it there. */
async function work<T>({ io, hub, options }: CommandContext, request: { readonly kind: string; readonly directory?: string }): Promise<T> {
  const client = await hub()
  let job = await client.send<StoreJobView>('POST', '/store/jobs', request)
  let told = ''
  while (job.state === 'running') {
    await io.sleep(ASK_EVERY_MS)
    if (io.signal.aborted) {
      // the first Ctrl-C ends every request of this command's own client
      const last = createClient(await findConnection(options, io.env), { fetch: io.fetch, signal: AbortSignal.timeout(CANCEL_WITHIN_MS) })
      await last.send('DELETE', `/store/jobs/${job.id}`)
      throw new CliFault(EXIT.failed, `the ${request.kind} was cancelled`)
    }
    job = await client.get<StoreJobView>(`/store/jobs/${job.id}`)
    const progress = job.total === 0 ? '' : `${request.kind}: ${Math.floor((job.done / job.total) * 100)} %`
    if (io.isTerminal && progress !== told) io.talk(progress)
    told = progress
  }
  if (job.failure !== null) throw new CliFault(EXIT.failed, job.failure)
  return job.result as T
}

async function checkOffline({ options }: CommandContext): Promise<CheckResult> {
  if (options.data === undefined) throw new CliFault(EXIT.usage, 'which folder?', { hint: 'name it: hps store check --offline --data FOLDER' })
  const data = resolve(options.data)
  if (!existsSync(join(data, 'hub.db'))) throw new CliFault(EXIT.failed, `${data} is no data folder: there is no hub.db in it`)
  const { checkStore, lockFolder } = await import('#store/index.ts')
  using lock = lockFolder(join(data, 'hub.lock'))
  if (lock === undefined) throw new CliFault(EXIT.failed, `a hub runs on ${data}`, { hint: 'leave --offline away' })
  const { rows, chunks, files, problems, problemCount } = checkStore({ directory: join(data, 'log'), databasePath: join(data, 'hub.db') })
  return { messages: rows, chunks, files, problems, problem_count: problemCount }
}

async function restore({ io }: CommandContext, backup: string, data: string): Promise<ExitCode> {
  const { restoreBackup } = await import('#store/index.ts')
  const breathe = async (): Promise<void> => {
    if (io.signal.aborted) throw new AppFault('conflict', 'the restore was cancelled')
  }
  try {
    const { lastSeq, files, leftOut } = await restoreBackup({ backup, data, pace: { breathe, advance() {} } })
    io.talk(`${data} is restored: ${files.length} files, messages up to seq ${lastSeq}`)
    for (const { name, reason } of leftOut) io.talk(`not in the backup: ${name} (${reason})`)
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof AppFault)) throw error
    throw new CliFault(EXIT.failed, error.message, { cause: error })
  }
}

function describe(stats: StoreStatsView): string {
  const size = (bytes: number | null): string | null => (bytes === null ? null : formatBytes(bytes))
  const head = facts([
    ['messages', `${stats.messages}, seq ${stats.first_seq} to ${stats.last_seq}`],
    ['oldest', stats.oldest],
    ['newest', stats.newest],
    ['sealed', `${stats.sealed_messages} messages in ${stats.files} files, ${formatBytes(stats.file_bytes)}${stats.sealed_bytes_per_message === null ? '' : `, ${stats.sealed_bytes_per_message} bytes a message`}`],
    ['not sealed', `${stats.messages - stats.sealed_messages} messages in ${stats.segments} segments, ${formatBytes(stats.segment_bytes)}; ${stats.waiting_segments} wait to be sealed`],
    ['limit', stats.max_bytes === null ? 'none' : size(stats.max_bytes)],
    ['disk', stats.disk_bytes === null ? null : `${size(stats.disk_free_bytes)} of ${size(stats.disk_bytes)} free, ${size(stats.min_free_bytes)} are kept free`],
    ['no room', stats.space_short],
    ['nothing is removed', stats.retention_held],
  ])
  const losses = stats.losses.map((loss) => `set aside: ${loss.name}: ${loss.reason}${loss.from_seq === null && loss.to_seq === null ? '' : `; within seq ${loss.from_seq ?? ''} to ${loss.to_seq ?? ''}`}${loss.accepted === null ? '' : `; accepted ${loss.accepted} by ${loss.accepted_by}`}`)
  return [head, ...[...losses, ...stats.damaged.map((what) => `damaged: ${what}`), ...stats.troubles.map((what) => `trouble: ${what}`)].map((line) => `${line}\n`)].join('')
}
