import { Option } from 'commander'
import { formatBytes } from '#base/bytes.ts'
import type { AddCommand, CommandContext } from '../context.ts'
import { CliFault, EXIT, type ExitCode } from '../exit.ts'
import { selectionOptions, timeOptions } from '../options.ts'
import { queryText, type Selection } from '../query-text.ts'
import { resolveBoot } from '../search.ts'

interface ExportOptions extends Selection {
  readonly output: 'text' | 'raw' | 'ndjson'
  readonly framing: 'newline' | 'octet-counting'
  readonly compress: 'none' | 'gzip' | 'zstd'
  readonly file?: string
  readonly newest?: true
}

const SHOW_PROGRESS_EVERY_MS = 500

/** `hps export`: everything that matches, as one stream. */
export const addExport: AddCommand = (program, run) => {
  const command = program
    .command('export')
    .summary('write everything that matches to a file or pipe')
    .description('Streams all messages that match, the oldest first: as lines to read, as the bytes that were received, or as one JSON object a line. Ends with code 0 only when the export is whole; a file is called FILE.part until then.')
    .argument('[query...]', 'what to export; everything when left out')
    .addOption(new Option('-o, --output <form>', 'form of the messages').choices(['text', 'raw', 'ndjson']).default('text'))
    .addOption(new Option('--framing <how>', 'of raw: a newline behind each message, or its length before it (RFC 6587), which keeps newlines inside messages and can be sent to any syslog server').choices(['newline', 'octet-counting']).default('newline'))
    .addOption(new Option('-z, --compress <how>', 'compress the stream').choices(['none', 'gzip', 'zstd']).default('none'))
    .option('-f, --file <file>', 'write to this file instead of standard output')
    .option('--newest', 'the newest message first')
  for (const option of [...timeOptions(), ...selectionOptions()]) command.addOption(option)
  command.action(
    run(async (context, words: readonly string[], options: ExportOptions) => {
      const hub = await context.hub()
      const query = queryText(words, await resolveBoot(hub, options), context.io.clock())
      const { output, framing, compress, newest } = options
      if (framing !== 'newline' && output !== 'raw') throw new CliFault(EXIT.usage, `--framing is for raw messages, not for ${output}`, { hint: 'add -o raw' })
      const response = await hub.open('/logs/export', {
        parameters: { q: query, form: output, framing: output === 'raw' ? framing : undefined, compress, order: newest === true ? 'newest' : 'oldest' },
        headers: { accept: '*/*' },
      })
      return save(context, response, options.file)
    }),
  )
}

async function save({ io }: CommandContext, response: Response, file: string | undefined): Promise<ExitCode> {
  const sink = await io.openSink(file).catch((error: unknown) => {
    throw new CliFault(EXIT.failed, `${file} cannot be written: ${(error as Error).message}`, { cause: error })
  })
  // lines that run over the screen are progress enough
  const show = io.isTerminal && file === undefined ? undefined : io.progress
  let bytes = 0
  let shownMs = io.clock()
  try {
    for await (const chunk of response.body ?? []) {
      await sink.write(chunk)
      bytes += chunk.length
      if (io.clock() - shownMs < SHOW_PROGRESS_EVERY_MS) continue
      shownMs = io.clock()
      show?.(`exported ${formatBytes(bytes)}, Ctrl-C stops`)
    }
  } catch (error) {
    show?.(undefined)
    await sink.abandon()
    const what = io.signal.aborted ? 'the export was stopped' : 'the export broke off'
    const where = file === undefined ? '' : `; what came is in ${file}.part`
    throw new CliFault(EXIT.failed, `${what} and is not whole${where}`, { hint: io.signal.aborted ? 'run it again for all of it' : 'the log of the hub says why', cause: error })
  }
  show?.(undefined)
  await sink.close()
  if (file !== undefined) io.talk(`${formatBytes(bytes)} in ${file}`)
  return EXIT.ok
}
