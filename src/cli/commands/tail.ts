import { backoffMs } from '#base/backoff.ts'
import type { MessageView } from '#api/index.ts'
import type { AddCommand, CommandContext } from '../context.ts'
import { CliFault, EXIT, type ExitCode } from '../exit.ts'
import { lineCount, outputOption, selectionOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { queryText, type Selection } from '../query-text.ts'
import { printMessages, resolveBoot, searchPages } from '../search.ts'
import { readEvents, type ServerEvent } from '../sse.ts'

interface TailOptions extends Selection {
  readonly lines: number
  readonly fields?: true
  readonly output: Output
}

const RETRY = { baseMs: 500, maxMs: 15_000 } as const
/** More would only scroll by before the following begins. */
const MAX_FIRST_LINES = 100_000

/** `hps tail`: what is there, then what comes, until Ctrl-C. A lost connection is taken up again after the last message seen. */
export const addTail: AddCommand = (program, run) => {
  const command = program
    .command('tail')
    .summary('follow the log as it is written')
    .description('Prints the last messages that match and then each new one, until Ctrl-C. Takes up a lost connection where it broke, and says on standard error what was skipped.')
    .argument('[query...]', 'what to follow; everything when left out')
    .option('-n, --lines <count>', 'messages to begin with', lineCount, 10)
    .option('--fields', 'with what each message says under a name: structured data, JSON, CEF, key=value …')
  for (const option of [...selectionOptions(), outputOption()]) command.addOption(option)
  command.action(
    run(async (context, words: readonly string[], options: TailOptions) => {
      const query = queryText(words, await resolveBoot(await context.hub(), options), context.io.clock())
      const last = await printLast(context, query, options)
      return follow(context, { query, last, output: options.output, fields: options.fields })
    }),
  )
}

async function printLast(context: CommandContext, query: string, { lines, output, fields }: TailOptions): Promise<number | undefined> {
  const kept: MessageView[] = []
  for await (const page of searchPages(await context.hub(), { query, order: 'newest', limit: Math.min(lines, MAX_FIRST_LINES), fields })) kept.push(...page)
  await printMessages(context, kept.reverse(), output)
  return kept.at(-1)?.seq
}

interface Following {
  readonly query: string
  /** Sequence number of the last message seen. */
  readonly last: number | undefined
  readonly output: Output
  readonly fields?: true | undefined
}

async function follow(context: CommandContext, { query, last: first, output, fields }: Following): Promise<ExitCode> {
  const { io } = context
  let last = first
  let failures = 0
  let wasConnected = false
  while (!io.signal.aborted) {
    try {
      const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': String(last) }
      const stream = await (await context.hub()).stream('/logs/stream', { parameters: { q: query, fields: fields === true ? 1 : undefined }, headers })
      if (failures > 0) io.talk(last === undefined ? 'connected again' : `connected again, after message ${last}`)
      failures = 0
      wasConnected = true
      for await (const event of readEvents(stream)) last = await showEvent(context, event, { query, last, output })
    } catch (error) {
      if (io.signal.aborted) break
      // a hub that was never there, or refuses, will not come right by waiting
      if (error instanceof CliFault && (!wasConnected || error.exitCode !== EXIT.failed)) throw error
      io.talk(`the connection broke: ${error instanceof Error ? error.message : String(error)}`)
    }
    if (io.signal.aborted) break
    failures++
    const waitMs = backoffMs(failures, io.random(), RETRY)
    io.talk(`trying again in ${(waitMs / 1000).toFixed(1)} s`)
    await io.sleep(waitMs)
  }
  return EXIT.ok
}

async function showEvent(context: CommandContext, event: ServerEvent, { last, output, query }: Following): Promise<number | undefined> {
  if (event.event === 'message') {
    const message = JSON.parse(event.data) as MessageView
    await printMessages(context, [message], output)
    return message.seq
  }
  if (event.event === 'skipped') {
    const { fromSeq, toSeq, count } = JSON.parse(event.data) as { readonly fromSeq: number; readonly toSeq: number; readonly count: number }
    context.io.talk(`-- skipped ${count} messages, too many to follow; see them with: hps logs --oldest -n all '${query === '' ? '' : `${query} `}seq:>=${fromSeq} seq:<=${toSeq}' --`)
    return toSeq
  }
  return last
}
