import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { metricTables } from '#app/index.ts'
import { PROGRAM_ROOT } from '../../../src/cli/root.ts'

const read = (file: string): string => readFileSync(join(PROGRAM_ROOT, file), 'utf8')
const metrics = metricTables().flatMap((table) => table.metrics)

/** Names of series: a histogram has three. */
const series = new Set(metrics.flatMap(({ kind, name }) => (kind === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name])))

test('every metric has one name, of one part', () => {
  expect(metrics.length).toBeGreaterThan(100)
  expect(metrics.map(({ name }) => name).filter((name, at, all) => all.indexOf(name) !== at)).toEqual([])
})

test.for(globSync('deploy/{prometheus,grafana}/**/*.{yml,json}', { cwd: PROGRAM_ROOT }))('%s names only metrics that there are', (file) => {
  const named = new Set(read(file).match(/\bhps_[a-z0-9_]+/g) ?? [])
  expect([...named].filter((name) => !series.has(name))).toEqual([])
})

test('the dashboard and the alert rules name metrics', () => {
  for (const file of ['deploy/prometheus/alerts.yml', 'deploy/grafana/dashboards/hps-hub.json']) expect(read(file).match(/\bhps_[a-z0-9_]+/g)?.length, file).toBeGreaterThan(15)
})

test('every metric that main declares is counted somewhere', () => {
  const code = globSync('src/**/*.ts', { cwd: PROGRAM_ROOT }).map(read).join('\n')
  const fromMain = metrics.filter(({ name }) => code.includes(`name: '${name}'`))
  expect(fromMain.length).toBeGreaterThan(30)
  expect(fromMain.filter(({ name }) => code.split(`'${name}'`).length < 3)).toEqual([])
})
