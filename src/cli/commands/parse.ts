import { canonicalIp } from '#base/ip.ts'
import type { GivenFrame, TagSetting } from '#ingest/index.ts'
import { nothingFound, type AddCommand, type CommandContext } from '../context.ts'
import { CliFault, EXIT, type ExitCode } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { jsonLine, type Output } from '../output.ts'
import { fromHex, LINE_END, splitLines, type GivenLine } from '../parse/input.ts'
import { instant } from '../query-text.ts'

interface ParseOptions {
  readonly file: string
  readonly null?: true
  readonly framing?: true
  readonly hex?: true
  readonly console?: true
  readonly from?: string
  readonly received?: string
  readonly summary?: true
  readonly json?: true
  readonly output: Output
}

/** Wide enough for most lines where nobody looks. */
const COLUMNS = 120

/** `hps parse`: how lines are read, and why; no hub is asked. */
export const addParse: AddCommand = (program, run) => {
  program
    .command('parse')
    .summary('show how lines are read')
    .description('Reads messages from standard input, one a line, and shows how the hub reads each: the parts of the line, what they are worth, the dialect, each deviation with what would mend it, and what else was noted. It needs no hub.')
    .option('-f, --file <file>', 'read this file; `-` is standard input', '-')
    .option('-0, --null', 'messages are separated by NUL instead of newlines')
    .option('--framing', 'the input is a TCP stream: octet counts, newlines and NUL are told apart as a listener does')
    .option('--hex', 'each line is hexadecimal, or text with \\xNN, \\n, \\r, \\t, \\0 and \\\\')
    .option('--console', 'messages are what a netconsole listener gets')
    .option('--from <address>', 'as if this sender had sent it: syslog.tags of the configuration is tried')
    .option('--received <time>', 'as if it had come then: now, "2026-11-22 14:30", or RFC 3339')
    .option('--summary', 'only count dialects and deviations')
    .option('--json', 'the same as -o json')
    .addOption(listOutputOption())
    .action(run((context, options: ParseOptions) => parse(context, options)))
}

async function parse(context: CommandContext, options: ParseOptions): Promise<ExitCode> {
  const { io, paint } = context
  const [{ createFrameReader }, { describeFrame, frameView }, { createSummary }] = await Promise.all([import('#ingest/index.ts'), import('../parse/describe.ts'), import('../parse/summary.ts')])
  const reader = createFrameReader({ tags: await tagsFor(context, options), ...(options.from === undefined ? {} : { address: addressOf(options.from) }) })
  const receivedMs = options.received === undefined ? undefined : Date.parse(instant(options.received, io.clock()))
  const summary = createSummary()
  const isJson = options.json === true || options.output === 'json'
  const form: GivenFrame['form'] = options.console === true ? 'console' : 'syslog'
  for await (const { number, bytes, faults } of givenLines(context, options)) {
    if (io.signal.aborted) break
    const frame = reader.read({ bytes, receivedMs: receivedMs ?? io.clock(), form, faults })
    summary.add(frame)
    if (options.summary === true) continue
    if (isJson) io.out(jsonLine(frameView(frame, number)))
    else io.out(`${number === 1 ? '' : '\n'}${options.framing === true ? paint.dim(`frame ${number}, ${bytes.length} bytes\n`) : ''}${describeFrame(frame, { paint, columns: io.columns ?? COLUMNS })}`)
  }
  if (summary.messages === 0) return nothingFound(io, 'lines')
  if (options.summary === true && isJson) io.out(jsonLine(summary.view()))
  else if (!isJson && (options.summary === true || summary.messages > 1)) io.out(`${options.summary === true ? '' : '\n'}${summary.text(paint)}`)
  return EXIT.ok
}

async function* givenLines({ io }: CommandContext, options: ParseOptions): AsyncGenerator<GivenLine> {
  const pieces = readable(io.pieces(options.file), options.file)
  const lines = splitLines(pieces, options.null === true ? LINE_END.nul : LINE_END.newline)
  if (options.framing !== true) {
    for await (const line of lines) yield options.hex === true ? fromHex(line) : line
    return
  }
  const { splitStream } = await import('#ingest/index.ts')
  const frames: GivenLine[] = [] // of one piece
  let number = 0
  const splitter = splitStream(({ bytes, faults }) => void frames.push({ number: ++number, bytes, faults }))
  for await (const piece of options.hex === true ? hexPieces(lines) : pieces) {
    splitter.push(piece)
    yield* frames.splice(0)
  }
  splitter.end()
  yield* frames
}

/** A file that is not there is the caller's fault. */
async function* readable(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces
  } catch (error) {
    throw new CliFault(EXIT.usage, `${file} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

async function* hexPieces(lines: AsyncIterable<GivenLine>): AsyncGenerator<Uint8Array> {
  for await (const line of lines) yield fromHex(line).bytes
}

const addressOf = (text: string): string => {
  const address = canonicalIp(text)
  if (address === undefined) throw new CliFault(EXIT.usage, `${text} is not an address`)
  return address
}

/** The list of the configuration, where a sender is named to try it for. */
async function tagsFor({ io, options: { config } }: CommandContext, { from }: ParseOptions): Promise<readonly TagSetting[]> {
  if (from === undefined) return []
  const { readHubConfig } = await import('../hub-config.ts')
  return readHubConfig({ file: config, env: io.env, flags: [] }).syslog.tags
}
