import { chance } from './chance.ts'
import type { CorpusSpec } from './corpus.ts'
import { corpusMessages, lines } from './corpus.ts'

/** A set of rules and a load for it: of the messages one in `GATED` has the literal of one rule, and one in `MATCHED` fulfils it. */
export const RULES = 1000
const GATED = 20
const MATCHED = 1000

const TESTS = '  tests: [{name: none, steps: [{expect: {not_firing: {}}}]}]'
const WORDS = [
  'adapter', 'battery', 'bridge', 'buffer', 'cache', 'cable', 'channel', 'chassis', 'clock', 'console', 'controller', 'cooler', 'device', 'drive', 'enclosure', 'expander',
  'fabric', 'firmware', 'gasket', 'header', 'heatsink', 'inverter', 'jumper', 'keyboard', 'lane', 'ledger', 'memory', 'mirror', 'module', 'monitor', 'optic', 'phase',
]
/** Two words, no two rules the same. */
const nameOf = (rule: number): string => `${WORDS[rule % WORDS.length]!} ${WORDS[Math.floor(rule / WORDS.length) % WORDS.length]!}`

/** Each with a literal of its own, on messages of every application. */
export const manyRules = (count = RULES): string =>
  `format: 1\npack: bench\nrules:\n${Array.from({ length: count }, (_, rule) => [
    `- id: bench.n${rule}`, `  title: 'unit ${rule} of {{node}}'`, '  severity: warning',
    `  when: {match: {regex: '${nameOf(rule)} port (?<port>\\d+) (?:failed|stalled)'}}`, '  by: [node]', TESTS,
  ].join('\n')).join('\n')}\n`

/** The reference corpus with what the rules look for at the end of some messages. */
export const ruledCorpus = (count: number): CorpusSpec => ({
  name: 'ruled', version: 2, count,
  frames: (startMs) => lines(corpusMessages(startMs, { suffix: (i) => (i % GATED === 0 ? ` ${nameOf((i / GATED) % RULES)} port ${i % 64} ${i % MATCHED === 0 ? 'failed' : 'passed'}` : '') })),
})

/** Expressions without a literal that make an automaton as large as it can become; all for one application, whose lines are long. */
const HOSTILE = ['a[ab]{14}c', '(?:a|b)*a(?:a|b){18}c$', 'a[ab]{200}[cd]$', '(?:[ab]?){100}[ab]{100}z', '(?:(?:a|b)(?:a|ab)){1,100}!$', '(?:.*a){20}e$', '(?:a+b?)+c$', '[ab]{1,200}[cd]{1,200}$']
export const hostileRules = (): string =>
  `format: 1\npack: hostile\nrules:\n${HOSTILE.map((regex, rule) => [
    `- id: hostile.n${rule}`, `  title: 'hostile ${rule}'`, '  severity: warning', `  when: {match: {app: hostile, regex: '${regex}'}}`, '  by: [node]', TESTS,
  ].join('\n')).join('\n')}\n`

const LONG = 8000
/** One message in 50 is a line of 8,000 letters for the hostile rules, no two alike. */
export const hostileCorpus = (count: number): CorpusSpec => ({
  name: 'hostile-rules', version: 2, count,
  frames: function* (startMs) {
    const { below } = chance(7)
    const letters = Array.from({ length: LONG * 2 }, () => 'ab'[below(2)]).join('')
    let i = 0
    for (const message of corpusMessages(startMs)) {
      const from = below(LONG)
      yield `${++i % 50 === 0 ? `<14>1 - tch-001 hostile - - - ${letters.slice(from, from + LONG)}` : message}\n`
    }
  },
})
