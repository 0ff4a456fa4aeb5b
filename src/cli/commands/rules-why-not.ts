import type { Command } from 'commander'
import type { WhyNotView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { RunAction } from '../context.ts'
import { EXIT } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { jsonLine, type Output } from '../output.ts'

interface WhyNotOptions { readonly node: string; readonly since?: string; readonly output: Output }

/** `hps rules why-not`: the first gate between a message and a person that stopped it. */
export function addRulesWhyNot(rules: Command, run: RunAction): void {
  rules
    .command('why-not')
    .description('Says why a rule has told nobody about a node: the first gate that stopped it, with the message and time that show it.')
    .argument('<rule>', 'id of the rule')
    .requiredOption('--node <name>', 'the node')
    .option('--since <time>', 'how far to look back: a time, or a duration (default: 24h)')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, rule: string, { node, since, output }: WhyNotOptions) => {
        const view = await (await hub()).get<WhyNotView>(`/rules/${encodeURIComponent(rule)}/why-not`, { node, since })
        io.out(output === 'json' ? jsonLine(view) : whyNotText(view))
        return EXIT.ok
      }),
    )
}

const MARKS: Readonly<Record<string, string>> = { passed: 'ok  ', stopped: 'STOP', unknown: '?   ' }

function whyNotText({ rule, node, verdict, rungs, looked, complete }: WhyNotView): string {
  const lines = [
    ...rungs.map(({ gate, outcome, why, message, at }) => `${MARKS[outcome] ?? outcome} ${gate.padEnd(10)} ${why}${message === null ? '' : ` [message ${message}${at === null ? '' : `, ${at}`}]`}`),
    `${rule}, ${node}: ${verdict.outcome === 'stopped' ? `stopped at ${verdict.gate}: ${verdict.why}` : verdict.why}`,
  ]
  return lines.map((line) => `${printable(line)}\n`).join('') + (complete ? '' : `-- the newest ${looked} messages were looked at; there are more --\n`)
}
