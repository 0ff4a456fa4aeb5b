import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { SuggestLine, SuggestView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { RunAction } from '../context.ts'
import { CliFault, EXIT } from '../exit.ts'
import { collect, listOutputOption } from '../options.ts'
import { jsonLine, type Output } from '../output.ts'

interface SuggestOptions { readonly good?: readonly string[]; readonly bad?: readonly string[]; readonly id?: string; readonly output: Output }

/** `hps rules suggest`: a rule with tests out of chosen lines. */
export function addRulesSuggest(rules: Command, run: RunAction): void {
  const form = 'the number of a stored message, or a file of lines `app.severity: text`; may be repeated'
  rules
    .command('suggest')
    .description('Makes a rule with tests out of lines: all good ones match, no bad one does. Prints the file; ends with code 1 where the lines cannot be told apart.')
    .option('--good <line>', `a line that the rule is for: ${form}`, collect)
    .option('--bad <line>', `a line that it must not match: ${form}`, collect)
    .option('--id <id>', 'id of the rule (default: suggested.rule)')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, { good = [], bad = [], id, output }: SuggestOptions) => {
        if (good.length === 0) throw new CliFault(EXIT.usage, 'A rule is made of one good line at least', { hint: 'hps rules suggest --good 1234' })
        const body = { ...(id === undefined ? {} : { id }), good: good.flatMap(linesOf), bad: bad.flatMap(linesOf) }
        const view = await (await hub()).send<SuggestView>('POST', '/rules/suggest', body)
        if (output === 'json') io.out(jsonLine(view))
        else if (view.text === null) io.talk(`no rule: ${printable(view.detail ?? view.reason ?? '')}`)
        else {
          io.out(view.text)
          for (const remark of view.remarks) io.talk(`-- ${printable(remark)} --`)
        }
        return view.good ? EXIT.ok : EXIT.failed
      }),
    )
}

const LINE = /^(?<app>[^\s:]+)\.(?<severity>[a-z]+): ?(?<text>.*)$/

/** A number, or the lines of a file. @throws CliFault where a line cannot be read */
function linesOf(given: string): readonly (number | SuggestLine)[] {
  if (/^\d{1,15}$/.test(given)) return [Number(given)]
  return readLines(given).map((line) => {
    const { app, severity, text } = LINE.exec(line)?.groups ?? {}
    if (app === undefined || severity === undefined || text === undefined) throw new CliFault(EXIT.usage, `${printable(given)}: a line cannot be read: ${printable(line.slice(0, 80))}`, { hint: 'kernel.crit: md0: Disk failure on sda1' })
    return { app, severity, text }
  })
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter((line) => line.trim() !== '')
  } catch (error) {
    throw new CliFault(EXIT.usage, `${printable(path)} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, { hint: 'give the number of a message, or a file', cause: error })
  }
}
