import type { CountGroupView, CountView } from '#api/index.ts'
import { cut, printable } from '#base/text.ts'
import type { AddCommand, CommandContext } from '../context.ts'
import { nothingFound } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { askLong } from '../long-question.ts'
import { collect, duration, lineCount, listOutputOption, selectionOptions, timeOptions } from '../options.ts'
import { jsonLine, table, type Column, type Output } from '../output.ts'
import { queryText, type Selection } from '../query-text.ts'
import { INCOMPLETE, resolveBoot } from '../search.ts'

interface CountOptions extends Selection {
  readonly by?: readonly string[]
  readonly step?: string
  readonly lines: number
  readonly output: Output
}

/** Groups that the API gives at most. */
const MAX_GROUPS = 10_000
const BAR_COLUMNS = 40

/** `hps count`: how many messages match, in groups if asked. */
export const addCount: AddCommand = (program, run) => {
  const command = program
    .command('count')
    .summary('count messages, in groups')
    .description('Counts the messages that match: in all, by the values of up to two fields (the largest groups first), or over time. All different values of a field: --by FIELD -n all.')
    .argument('[query...]', 'what to count; everything when left out')
    .option('--by <key>', 'a field (node, session, source, app, host, procid, msgid, severity, facility, format, method, template), time, sd.NAME, or .NAME of the text; may be given twice', collect)
    .option('--step <duration>', 'over time, in steps of this length; the same as --by time', duration)
    .option('-n, --lines <count>', 'how many groups, or `all`', lineCount, 20)
  for (const option of [...timeOptions(), ...selectionOptions(), listOutputOption()]) command.addOption(option)
  command.action(
    run(async (context, words: readonly string[], options: CountOptions) => {
      const given = options.by ?? []
      const by = options.step !== undefined && !given.includes('time') ? ['time', ...given] : given
      const answer = await ask(context, words, { ...options, by })
      if (by.length === 0) context.io.out(options.output === 'json' ? jsonLine({ total: answer.total }) : `${answer.total}\n`)
      else if (options.output === 'json') for (const group of answer.groups) context.io.out(jsonLine({ ...Object.fromEntries(by.map((key, index) => [key, group.keys[index]])), count: group.count }))
      else if (answer.groups.length > 0) context.io.out(table(answer.groups, columnsOf(by, answer.groups), context.paint))
      return finish(context, answer)
    }),
  )
}

/** `hps top`: what a result consists of. */
export const addTop: AddCommand = (program, run) => {
  const command = program
    .command('top')
    .summary('show what kinds of messages there are')
    .description('Groups the messages that match by their template (what is the same in messages of a kind, whatever their numbers and addresses), the most frequent first, with share and an example: the newest.')
    .argument('[query...]', 'what to look at; everything when left out')
    .option('-n, --lines <count>', 'how many templates, or `all`', lineCount, 20)
  for (const option of [...timeOptions(), ...selectionOptions(), listOutputOption()]) command.addOption(option)
  command.action(
    run(async (context, words: readonly string[], options: CountOptions) => {
      const answer = await ask(context, words, { ...options, by: ['template'] })
      const { io, paint } = context
      for (const [index, group] of answer.groups.entries()) {
        const share = answer.total === 0 ? 0 : group.count / answer.total
        if (options.output === 'json') io.out(jsonLine({ template: group.keys[0], count: group.count, share: Number(share.toFixed(4)), pattern: group.pattern ?? null, example: group.example ?? null }))
        else io.out(templateLine(group, { share, isFirst: index === 0, columns: io.columns, paint }))
      }
      return finish(context, answer)
    }),
  )
}

async function ask(context: CommandContext, words: readonly string[], options: CountOptions): Promise<CountView> {
  const hub = await context.hub()
  const query = queryText(words, await resolveBoot(hub, options), context.io.clock())
  const { by = [], step, lines } = options
  // time steps have a limit of their own: -n is for groups by value
  const limit = by.includes('time') || lines === Infinity ? MAX_GROUPS : Math.min(lines, MAX_GROUPS)
  return askLong<CountView>(hub, context.io, { path: '/logs/count', parameters: { q: query, by: by.length === 0 ? undefined : by.join(','), step, limit: Math.max(1, limit) } })
}

function finish({ io }: CommandContext, answer: CountView): ExitCode {
  if (answer.by.length > 0 && answer.others > 0) io.talk(`-- ${answer.groups.length} of ${answer.bounded ? 'more than ' : ''}${answer.distinct} groups; ${answer.others} of ${answer.total} messages are in others --`)
  if (answer.reason !== null) {
    io.talk(INCOMPLETE[answer.reason] ?? `the count is not complete: ${answer.reason}`)
    return EXIT.failed
  }
  return answer.total === 0 && answer.by.length > 0 ? nothingFound(io, 'entries') : EXIT.ok
}

function columnsOf(by: readonly string[], groups: readonly CountGroupView[]): Column<CountGroupView>[] {
  const highest = Math.max(1, ...groups.map(({ count }) => count))
  const isOverTime = by.length === 1 && by[0] === 'time'
  return [
    ...by.map((key, index): Column<CountGroupView> => ({ title: key.toUpperCase(), cell: (group) => group.keys[index] })),
    { title: 'COUNT', cell: (group) => group.count, align: 'right' },
    ...(isOverTime ? [{ title: '', cell: (group: CountGroupView) => '#'.repeat(Math.max(1, Math.round((group.count / highest) * BAR_COLUMNS))) }] : []),
  ]
}

interface TemplateLine { readonly share: number; readonly isFirst: boolean; readonly columns: number | undefined; readonly paint: CommandContext['paint'] }

function templateLine({ count, example }: CountGroupView, { share, isFirst, columns, paint }: TemplateLine): string {
  const heading = isFirst ? `${paint.bold('     COUNT   SHARE  EXAMPLE')}\n` : ''
  const said = example === undefined ? '-' : printable(`${example.app === '' ? '' : `${example.app}: `}${example.text}`)
  const before = `${String(count).padStart(10)} ${`${(share * 100).toFixed(1)} %`.padStart(7)}  `
  const shown = columns === undefined ? said : cut(said, Math.max(20, columns - before.length))
  return `${heading}${before}${example === undefined ? shown : paint.severity(shown, example.severity)}\n`
}
