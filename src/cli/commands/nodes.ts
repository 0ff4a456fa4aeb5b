import type { NodeChange, NodeHistoryView, NodeView } from '#api/index.ts'
import { formatTextFault } from '#domain/fault.ts'
import type { AddCommand } from '../context.ts'
import { CliFault, EXIT } from '../exit.ts'
import { collect, collectLabel, listOutputOption } from '../options.ts'
import { facts, jsonLine, type Output } from '../output.ts'
import { printList } from '../print-list.ts'
import { formatAhead } from '../source-text.ts'

interface Form {
  readonly output: Output
}

/** `hps nodes …`: the register of machines. */
export const addNodes: AddCommand = (program, run) => {
  const nodes = program.command('nodes').summary('list, show, change and import nodes').description('The register of machines: what they are called, where they are, what they are made into, and what became of them.')

  nodes
    .command('list', { isDefault: true })
    .description('Lists all nodes that are registered or were seen.')
    .addOption(listOutputOption())
    .action(
      run(async (context, { output }: Form) => {
        const { nodes: rows } = await (await context.hub()).get<{ readonly nodes: readonly NodeView[] }>('/nodes')
        return printList(context, { rows, what: 'nodes', columns: COLUMNS, output })
      }),
    )

  nodes
    .command('show')
    .description('Shows one node.')
    .argument('<name>', 'name or alias')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, name: string, { output }: Form) => {
        const node = await (await hub()).get<NodeView>(nodePath(name))
        io.out(output === 'json' ? jsonLine(node) : describeNode(node))
        return EXIT.ok
      }),
    )

  nodes
    .command('history')
    .description('Shows how the state of a node changed, why, on what evidence, and by whom.')
    .argument('<name>', 'name or alias')
    .addOption(listOutputOption())
    .action(
      run(async (context, name: string, { output }: Form) => {
        const { history: rows } = await (await context.hub()).get<{ readonly history: readonly NodeHistoryView[] }>(`${nodePath(name)}/history`)
        return printList(context, { rows, what: 'history', columns: HISTORY_COLUMNS, output })
      }),
    )
  addNodesSet(nodes, run)
  addNodesImport(nodes, run)
}

interface SetOptions extends Form {
  readonly rename?: string
  readonly mac?: readonly string[]
  readonly address?: readonly string[]
  readonly alias?: readonly string[]
  readonly label?: Readonly<Record<string, string | null>>
  readonly profile?: string
  readonly expectedState?: string
  readonly event?: string
}

const addNodesSet: AddCommand = (nodes, run) => {
  nodes
    .command('set')
    .description('Registers a node, or changes it. Lists (--mac, --address, --alias) replace what was there; an empty value clears it.')
    .argument('<name>', 'name of the node; made when there is none of this name')
    .option('--rename <name>', 'a new name; the old one stays as an alias')
    .option('--mac <mac>', 'MAC address; may be given more than once', collect)
    .option('--address <ip>', 'IP address; may be given more than once', collect)
    .option('--alias <name>', 'another name; may be given more than once', collect)
    .option('--label <name=value>', 'a label; `name=` removes it; may be given more than once', collectLabel)
    .option('--profile <name>', 'what it is made into: a profile of the configuration')
    .option('--expected-state <state>', 'the state it should be in')
    .option('--event <event>', 'an event of its lifecycle, e.g. op.configure, op.hold, op.release, op.retry')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, name: string, { output, ...options }: SetOptions) => {
        const change = changeOf(options)
        if (Object.keys(change).length === 0) throw new CliFault(EXIT.usage, `there is nothing to change about ${name}`, { hint: 'see: hps nodes set --help' })
        const node = await (await hub()).send<NodeView>('PATCH', nodePath(name), change)
        io.out(output === 'json' ? jsonLine(node) : describeNode(node))
        return EXIT.ok
      }),
    )
}

function changeOf({ rename, mac, address, alias, label, profile, expectedState, event }: Omit<SetOptions, 'output'>): NodeChange {
  const some = (values: readonly string[]): readonly string[] => values.filter((value) => value !== '')
  return {
    ...(rename === undefined ? {} : { rename }),
    ...(mac === undefined ? {} : { macs: some(mac) }),
    ...(address === undefined ? {} : { addresses: some(address) }),
    ...(alias === undefined ? {} : { aliases: some(alias) }),
    ...(label === undefined ? {} : { labels: label }),
    ...(profile === undefined ? {} : { profile: profile || null }),
    ...(expectedState === undefined ? {} : { expected_state: expectedState || null }),
    ...(event === undefined ? {} : { event }),
  }
}

const addNodesImport: AddCommand = (nodes, run) => {
  nodes
    .command('import')
    .description('Registers or changes many nodes at once, from a YAML or JSON file: a list of maps with `name`, and any of `macs`, `addresses`, `aliases`, `labels`, `profile`, `expected_state`, `event`.')
    .argument('<file>', 'the file, or - for standard input')
    .action(
      run(async ({ io, hub }, file: string) => {
        const { readYaml } = await import('#config/index.ts')
        const read = readYaml(file, await readOrFault(io.read, file))
        if (!read.ok) throw new CliFault(EXIT.usage, read.faults.map(formatTextFault).join('\n'))
        const list = Array.isArray(read.value) ? read.value : (read.value as { readonly nodes?: unknown } | null)?.nodes
        if (!Array.isArray(list)) throw new CliFault(EXIT.usage, `${file} holds no list of nodes`, { hint: 'write: - { name: tch-001, macs: ["52:54:00:12:34:56"] }' })
        const { created, changed } = await (await hub()).send<{ readonly created: number; readonly changed: number }>('POST', '/nodes/import', { nodes: list })
        io.talk(`${created} nodes made, ${changed} changed`)
        return EXIT.ok
      }),
    )
}

async function readOrFault(read: (file: string) => Promise<string>, file: string): Promise<string> {
  try {
    return await read(file)
  } catch (error) {
    throw new CliFault(EXIT.usage, `${file} cannot be read`, { hint: (error as Error).message, cause: error })
  }
}

const nodePath = (name: string): string => `/nodes/${encodeURIComponent(name)}`

const describeNode = (node: NodeView): string =>
  facts([
    ['node', node.name],
    ['registered', node.registered ? 'yes' : 'no: only seen in messages'],
    ['state', node.state === null ? null : `${node.state}${node.state_since === null ? '' : ` since ${node.state_since}`}`],
    ['expected', node.expected_state],
    ['profile', node.profile],
    ['MACs', node.macs.join(', ')],
    ['addresses', node.addresses.map(({ address, kind }) => `${address} (${kind})`).join(', ')],
    ['aliases', node.aliases.join(', ')],
    ['labels', Object.entries(node.labels).map(([key, value]) => `${key}=${value}`).join(', ')],
    ['session', node.session],
    ['last seen', node.last_seen],
    ['clock', node.clock && `${formatAhead(node.clock.offset_ms)} against the hub, last seen ${node.clock.confirmed}`],
  ])

const COLUMNS = [
  { title: 'NODE', cell: (row: NodeView) => row.name },
  { title: 'STATE', cell: (row: NodeView) => row.state },
  { title: 'PROFILE', cell: (row: NodeView) => row.profile },
  { title: 'SESSION', cell: (row: NodeView) => row.session },
  { title: 'ADDRESS', cell: (row: NodeView) => row.addresses[0]?.address },
  { title: 'MAC', cell: (row: NodeView) => row.macs[0] },
  { title: 'LAST SEEN', cell: (row: NodeView) => row.last_seen },
]

const HISTORY_COLUMNS = [
  { title: 'AT', cell: (row: NodeHistoryView) => row.at },
  { title: 'FROM', cell: (row: NodeHistoryView) => row.from },
  { title: 'TO', cell: (row: NodeHistoryView) => row.to },
  { title: 'EVENT', cell: (row: NodeHistoryView) => row.event },
  { title: 'EVIDENCE', cell: (row: NodeHistoryView) => row.evidence },
  { title: 'BY', cell: (row: NodeHistoryView) => row.actor },
  { title: 'MESSAGE', cell: (row: NodeHistoryView) => row.message_seq },
  { title: 'WHY', cell: (row: NodeHistoryView) => row.reason },
]
