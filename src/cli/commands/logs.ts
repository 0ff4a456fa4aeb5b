import { Option } from 'commander'
import type { MessageView, SearchAnswer } from '#api/index.ts'
import { nothingFound, type AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { lineCount, outputOption, selectionOptions, timeOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { queryText, type Selection } from '../query-text.ts'
import { askLong } from '../long-question.ts'
import { printUntagged } from '../tags/untagged.ts'
import { INCOMPLETE, printMessages, resolveBoot, searchPages } from '../search.ts'

interface LogsOptions extends Selection {
  readonly lines: number
  readonly oldest?: true
  readonly reverse?: true
  readonly untagged?: true
  readonly fields?: true
  readonly time: 'received' | 'boot'
  readonly output: Output
}

/** The page after Ctrl-C. */
const STOPPED: SearchAnswer = { messages: [], cursor: null, complete: false, reason: 'cancelled', scanned: 0, query: '', broader: null }

/** `hps logs`: a search that ends. The newest messages, the newest of them last, as a terminal is read. */
export const addLogs: AddCommand = (program, run) => {
  const command = program
    .command('logs')
    .summary('search the log')
    .description('Prints the newest messages that match, the newest last. The query language is that of the page and the API: words, "phrases", /regex/, app:kernel, -app:cron.')
    .argument('[query...]', 'what to look for; everything when left out')
    .option('-n, --lines <count>', 'how many messages, or `all`', lineCount, 100)
    .option('--oldest', 'from the oldest message on instead of the newest')
    .option('-r, --reverse', 'the newest message first')
    .addOption(new Option('--time <which>', 'the time before each line: `received`, or `boot`: seconds since the start of the machine').choices(['received', 'boot']).default('received'))
    .option('--fields', 'with what each message says under a name: structured data, JSON, CEF, key=value …')
    .option('--untagged', 'what carries no tag, by source and kind, of the last 24 hours or since --since, with the command that gives it one; -n counts kinds')
  for (const option of [...timeOptions(), ...selectionOptions(), outputOption()]) command.addOption(option)
  command.action(
    run(async (context, words: readonly string[], options: LogsOptions) => {
      if (options.untagged === true) return printUntagged(context, words, options)
      const { io } = context
      const hub = await context.hub()
      const query = queryText(words, await resolveBoot(hub, options), io.clock())
      const isOldest = options.oldest === true || (options.lines === Infinity && options.reverse !== true)
      const pages = searchPages(hub, { query, order: isOldest ? 'oldest' : 'newest', limit: options.lines, fields: options.fields }, (parameters) => (io.signal.aborted ? Promise.resolve(STOPPED) : askLong<SearchAnswer>(hub, io, { path: '/logs', parameters })))
      // newest first is how they come, and oldest first is how they are read: only then must a page wait for the others
      const isTurned = isOldest === (options.reverse === true)
      const shown = options.output === 'text' && options.time === 'boot' ? 'since-boot' : options.output
      const kept: MessageView[] = []
      let found = 0
      let next = await pages.next()
      for (; next.done !== true; next = await pages.next()) {
        found += next.value.length
        if (isTurned) kept.push(...next.value)
        else await printMessages(context, next.value, shown)
      }
      await printMessages(context, kept.reverse(), shown)
      const { reason, broader } = next.value
      if (reason !== null) {
        io.talk(INCOMPLETE[reason] ?? `the search is not complete: ${reason}`)
        return EXIT.failed
      }
      if (found === 0 && broader !== null) io.talk(`-- words are whole; wider: hps logs '${broader}' --`)
      return found === 0 ? nothingFound(io, 'entries') : EXIT.ok
    }),
  )
}
