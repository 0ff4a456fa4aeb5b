import type { MessageView } from '#api/index.ts'
import type { AddCommand, CommandContext } from '../context.ts'
import { follow } from '../follow.ts'
import { lineCount, outputOption, selectionOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { queryText, type Selection } from '../query-text.ts'
import { printMessages, resolveBoot, searchPages } from '../search.ts'
import type { ServerEvent } from '../sse.ts'

interface TailOptions extends Selection {
  readonly lines: number
  readonly fields?: true
  readonly output: Output
}

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
      return follow(context, {
        path: '/logs/stream', parameters: { q: query, fields: options.fields === true ? 1 : undefined }, last, what: 'message',
        show: (event, seen) => showEvent(context, event, { query, last: seen, output: options.output }),
      })
    }),
  )
}

async function printLast(context: CommandContext, query: string, { lines, output, fields }: TailOptions): Promise<number | undefined> {
  const kept: MessageView[] = []
  for await (const page of searchPages(await context.hub(), { query, order: 'newest', limit: Math.min(lines, MAX_FIRST_LINES), fields })) kept.push(...page)
  await printMessages(context, kept.reverse(), output)
  return kept.at(-1)?.seq
}

async function showEvent(context: CommandContext, event: ServerEvent, { last, output, query }: { readonly query: string; readonly last: number | undefined; readonly output: Output }): Promise<number | undefined> {
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
