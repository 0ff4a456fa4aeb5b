import { metricTables } from '#app/index.ts'

type Metric = ReturnType<typeof metricTables>[number]['metrics'][number]

/** docs/reference/metrics.md, from the declarations of the parts. */
export const metricsPage = (): string => `# Metrics

Made from the declarations by \`./hps docs metrics\`; a test fails when this page differs.

\`GET /metrics\` gives them in the text format of Prometheus, to a token of the role \`metrics\`, \`viewer\` or \`operator\`.
\`deploy/prometheus\` has the scrape and the alert rules, \`deploy/grafana\` a dashboard.

A label is shown with all the values that it can have, or as *open* where they come from what the hub meets: routes, rules, listeners. Main's counters
whose labels are all closed stand at 0 from the start, and so do those of the threads, so an alert on an increase sees the first one. Counters
begin at 0 when the hub starts. A histogram \`x\` has the series \`x_bucket\`, \`x_sum\` and \`x_count\`.

${metricTables()
  .map(({ title, metrics }) => `## ${title}\n\n| name | type | labels | means |\n|---|---|---|---|\n${metrics.map(row).join('')}`)
  .join('\n')}`

const row = ({ name, kind, labels = {}, help }: Metric): string => `| \`${name}\` | ${kind} | ${Object.entries(labels).map(labelText).join('; ')} | ${help.replaceAll('|', '\\|')} |\n`

const labelText = ([label, values]: readonly [string, readonly string[] | 'open']): string => `\`${label}\`: ${values === 'open' ? '*open*' : values.map((value) => `\`${value}\``).join(', ')}`
