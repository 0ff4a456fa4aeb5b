import type { Command } from 'commander'
import type { ExplainView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { RunAction } from '../context.ts'
import { EXIT } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { jsonLine, type Output } from '../output.ts'

/** `hps rules explain`: one message against every rule. */
export function addRulesExplain(rules: Command, run: RunAction): void {
  rules
    .command('explain')
    .description('Holds one stored message against every rule: what it fulfils, what is remembered of its key, the alert that it went into, and what it nearly fulfils.')
    .argument('<message>', 'its number (seq)')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, message: string, { output }: { readonly output: Output }) => {
        const view = await (await hub()).get<ExplainView>('/rules/explain', { message })
        io.out(output === 'json' ? jsonLine(view) : explainText(view))
        return EXIT.ok
      }),
    )
}

/** All of it is printable: names and texts are those of senders. */
function explainText({ message, looked_at: isLookedAt, tried, complete, rules, near }: ExplainView): string {
  const lines = [
    `message ${message.seq}: ${message.received} ${message.node ?? '-'} ${message.app}.${message.severity}: ${message.text}`,
    `held against ${tried} rules${complete ? '' : ' (there are more: it took too long)'}${isLookedAt ? '' : '; the rules have not come to it yet'}`,
    ...(rules.length === 0 ? ['no rule is fulfilled'] : rules.flatMap(ruleLines)),
    ...(near.length === 0 ? [] : ['nearly:', ...near.map(({ rule, role, misses }) => `  ${rule} (${role}): ${misses.map(({ means, asked, has }) => `${means}: ${asked}${has === '' ? '' : ` (it is ${has})`}`).join('; ')}`)]),
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

function ruleLines({ rule, status, passes, stops, patterns, key, state, alert }: ExplainView['rules'][number]): readonly string[] {
  return [
    `${rule} [${status}]${passes ? '' : `: stopped: ${stops.join('; ')}`}`,
    ...patterns.map(({ role, captures }) => `  fulfils ${role}${Object.entries(captures).map(([name, value]) => ` ${name}=${value}`).join('')}`),
    ...(key === null ? [] : [`  key ${key}${state === null ? '' : `: ${state.summary}`}`]),
    ...(alert === null ? [] : [`  alert ${alert.id} is ${alert.state}, found ${alert.count} times${alert.has_message ? '' : ' (this message lies outside of it)'}: ${alert.title}`]),
    ...(alert?.mutes ?? []).map(({ mute, why }) => `    ${mute}: ${why}`),
    ...(alert?.notices ?? []).map(({ id, state: sent, channel, receiver, done, last_error: error }) => `    notice ${id} to ${receiver} by ${channel}: ${sent}${done === null ? '' : ` at ${done}`}${error === null ? '' : `: ${error}`}`),
  ]
}
