import type { CountGroupView, CountView } from '#api/index.ts'
import { cut, printable } from '#base/text.ts'
import type { CommandContext } from '../context.ts'
import { nothingFound } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { askLong } from '../long-question.ts'
import { jsonLine, type Output } from '../output.ts'
import { queryText, type Selection } from '../query-text.ts'
import { INCOMPLETE, resolveBoot } from '../search.ts'
import { suggestTag, tagCommand } from './suggest.ts'

/** What a message without a tag is found by; one that `syslog.tags` has given one does not have it. */
export const UNTAGGED = 'fault:no-app'
const DEFAULT_SINCE = '24h'
/** Kinds that come with a sample; the API gives no more. */
const MAX_KINDS = 200
const INDENT = ' '.repeat(12)

interface UntaggedOptions extends Selection { readonly lines: number; readonly output: Output }

/** `hps logs --untagged`: what carries no standard tag, by source and kind, and beside each the command that gives it one. */
export async function printUntagged(context: CommandContext, words: readonly string[], options: UntaggedOptions): Promise<ExitCode> {
  const { io } = context
  const hub = await context.hub()
  const query = queryText([words.length > 0 ? `${UNTAGGED} (${words.join(' ')})` : UNTAGGED], await resolveBoot(hub, { ...options, since: options.since ?? DEFAULT_SINCE }), io.clock())
  const answer = await askLong<CountView>(hub, io, { path: '/logs/count', parameters: { q: query, by: 'source,template', limit: Math.min(Math.max(1, options.lines), MAX_KINDS) } })
  const bySource = Map.groupBy(answer.groups, ({ keys }) => keys[0] ?? '')
  for (const [source, kinds] of bySource) {
    if (options.output === 'json') for (const kind of kinds) io.out(jsonLine(kindView(source, kind)))
    else io.out(sourceText(source, kinds, context))
  }
  if (answer.others > 0) io.talk(`-- ${answer.groups.length} of ${answer.bounded ? 'more than ' : ''}${answer.distinct} kinds; ${answer.others} of ${answer.total} messages are of others --`)
  if (answer.reason !== null) {
    io.talk(INCOMPLETE[answer.reason] ?? `the count is not complete: ${answer.reason}`)
    return EXIT.failed
  }
  return answer.total === 0 ? nothingFound(io, `messages without a tag since ${options.since ?? `${DEFAULT_SINCE} ago`}`) : EXIT.ok
}

const commandFor = (source: string, { example }: CountGroupView): string | null => (example === undefined ? null : tagCommand(source, suggestTag(example.text)))

const kindView = (source: string, kind: CountGroupView): Readonly<Record<string, unknown>> => ({
  source, template: kind.keys[1], count: kind.count, last_seen: kind.example?.received ?? null, pattern: kind.pattern ?? null, sample: kind.example?.text ?? null, command: commandFor(source, kind),
})

function sourceText(source: string, kinds: readonly CountGroupView[], { io, paint }: CommandContext): string {
  const count = kinds.reduce((sum, kind) => sum + kind.count, 0)
  const lines = [`${paint.bold(printable(source))}: ${count} without a tag, ${kinds.length === 1 ? '1 kind' : `${kinds.length} kinds`}`]
  for (const kind of kinds) {
    const sample = printable(kind.example?.text ?? kind.pattern ?? '-') || '(no text)'
    const before = `${String(kind.count).padStart(10)}  `
    lines.push(`${before}${io.columns === undefined ? sample : cut(sample, Math.max(20, io.columns - before.length))}`)
    const command = commandFor(source, kind)
    lines.push(paint.dim(`${INDENT}last seen ${kind.example?.received ?? '-'}`), ...(command === null ? [] : [`${INDENT}${command}`]))
  }
  return `${lines.join('\n')}\n`
}
