import { declaredQueues } from '#app/index.ts'
import { HttpConfig } from '#api/config.ts'
import { formatBytes } from '#base/bytes.ts'
import { SyslogConfig } from '#ingest/config.ts'

type Declared = ReturnType<typeof declaredQueues>[number]

/** docs/reference/queues.md, from the table of the queues and the bounds of their owners. */
export const queuesPage = (): string => `# Queues

Made from the code by \`./hps docs queues\`; a test fails when this page differs.

Everything that waits in the hub, along the way of a message: what is in it now, how much it takes, and what happens when it is full. \`hps doctor --queues\` and
\`GET /api/v1/queues\` list them as they stand; \`hps_queue_fill\`, \`hps_queue_bound\` and \`hps_queue_peak\` (the most of the last ten minutes) are on \`/metrics\`, by \`queue\` and \`full\`:

- *waits*: work of the hub itself, which goes on elsewhere; nobody outside notices. Windows between two threads are full whenever there is work.
- *slows*: whoever sends is slowed down, by TCP or by an acknowledgement that comes later.
- *refuses*: the next one is told to come again.
- *drops*: something is lost, and counted.

Each sink has a queue \`sink:NAME\` besides: messages it has not looked at yet, bounded by the store alone. Connections and bodies of one address are bounded to a part of the whole, so that nobody can fill a queue
alone. The table shows the bounds of the default configuration. [Architecture](../architecture.md#back-pressure) draws how they hang together.

| queue | bound | when full | gauge | counter |
|---|---|---|---|---|
${defaultQueues().map(row).join('')}
## What is in them

${defaultQueues().map(({ name, means, whenFull }) => `- **${name}**: ${means} *When it is full:* ${whenFull}\n`).join('')}`

const defaultQueues = (): readonly Declared[] =>
  declaredQueues({ syslog: { max_connections: defaultOf(SyslogConfig.properties.max_connections) }, http: { max_streams: defaultOf(HttpConfig.properties.max_streams) } })

const defaultOf = (schema: object): number => Number((schema as { readonly default?: unknown }).default)

const row = ({ name, unit, bound, full, gauge, counter }: Declared): string => `| ${name} | ${boundText(bound, unit)} | ${full} | \`${gauge}\` | ${counter === undefined ? '' : `\`${counter}\``} |\n`

const boundText = (bound: number | undefined, unit: string): string => (bound === undefined ? `the store (${unit})` : unit === 'bytes' ? formatBytes(bound) : `${bound} ${unit}`)
