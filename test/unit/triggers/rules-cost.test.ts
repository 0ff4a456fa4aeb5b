import { expect, test } from 'vitest'
import { createRenderer } from '#render/index.ts'
import { loadRules } from '#triggers/index.ts'

/** Rules as packs have them, spread over files. */
function packs(files: number, rulesEach: number) {
  const rule = (id: string): string => `- id: ${id}
  title: '{{node}}: {{disk}} failed ({{count}})'
  severity: error
  when: {count: {match: {app: kernel, regex: 'Disk failure ${id} on (?<disk>\\w+)', not: {contains: test}}, at_least: 2, within: 10m}}
  by: [node, disk]
  notify: {to: ops, every: 4h}
  runbook: https://wiki.example.org/${id}
  false_alarms: a disk that was pulled on purpose
  tests:
  - name: near miss
    steps: ['0s n1/a kernel.crit: Disk failures ${id} on sda', {advance: 5m}, '6m n1/a kernel.crit: no disk', {expect: {nothing_new: true}}]
`
  return Array.from({ length: files }, (_, file) => ({
    name: `pack${file}.yaml`,
    text: `format: 1\npack: pack${file}\nrules:\n${Array.from({ length: rulesEach }, (_unused, index) => rule(`p${file}.r${index}`)).join('')}`,
  }))
}

test('a thousand rules in forty files are read and tested within seconds', () => {
  const sources = packs(40, 25)
  const started = process.cpuUsage()
  const loaded = loadRules(sources, { renderer: createRenderer() })
  const { user, system } = process.cpuUsage(started)
  expect(loaded.ok ? [loaded.value.rules.length, loaded.value.tests, loaded.value.warnings] : loaded.faults).toEqual([1000, 1000, []])
  expect((user + system) / 1e6).toBeLessThan(20)
  console.info(`loading 1,000 rules: ${((user + system) / 1e6).toFixed(2)} s of CPU`)
}, 60_000)
