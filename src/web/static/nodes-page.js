import { announce, h } from './dom.js'
import { ask } from './hub.js'
import { chip, code, count, empty, heading, lasting, nodeLink, sessionLink, since, table, text, words } from './parts.js'

/** All nodes, filtered as one types. */
export async function nodesPage({ place, params, signal }) {
  const { nodes } = await ask('/api/v1/nodes', { signal })
  const body = h('div', {})
  const input = h('input', { id: 'search', type: 'search', value: params.get('q') ?? '', placeholder: 'Filter: name, state, profile, address', 'aria-label': 'Filter nodes', oninput: show, 'data-test': 'nodes-filter' })
  place.append(heading('Nodes', h('form', { class: 'filter', onsubmit: (event) => event.preventDefault() }, input)), body)
  show()

  function show() {
    const asked = input.value.trim().toLowerCase()
    const found = nodes.filter((node) => haystack(node).includes(asked))
    if (nodes.length === 0) body.replaceChildren(empty('No node is known yet.', 'A node becomes known by its first message, by DHCP, or when you register it:', code('hps nodes set tch-001 --mac 52:54:00:12:34:56 --profile thin')))
    else if (found.length === 0) body.replaceChildren(empty('No node fits this filter.', 'It looks into names, states, profiles, MACs and addresses.'))
    else body.replaceChildren(h('p', { class: 'summary' }, `${count(found.length)} of ${count(nodes.length)}`), nodeTable(found))
    announce(`${found.length} nodes`)
  }
}

const haystack = (node) => [node.name, node.state, node.profile, ...node.macs, ...node.aliases, ...node.addresses.map(({ address }) => address), ...Object.entries(node.labels).map(([key, value]) => `${key}=${value}`)].join(' ').toLowerCase()

const nodeTable = (nodes) =>
  table({
    name: 'nodes',
    rows: nodes,
    columns: [
      { label: 'Node', class: 'key', cell: ({ name, registered }) => [nodeLink(name), registered ? '' : [' ', h('span', { class: 'faint small', title: 'Known by its messages only' }, 'seen')]] },
      { label: 'State', cell: ({ state, expected_state: expected }) => [chip(state), expected !== null && expected !== state ? [' ', h('span', { class: 'warn-text small' }, `expected ${expected}`)] : ''] },
      { label: 'In state for', cell: ({ state_since: from }) => lasting(from) },
      { label: 'Profile', cell: ({ profile }) => text(profile) },
      { label: 'Session', cell: ({ session }) => sessionLink(session) },
      { label: 'Last heard', cell: ({ last_seen: last }) => since(last) },
      { label: 'Addresses', class: 'mono', cell: ({ addresses }) => words(addresses.map(({ address }) => address)) },
    ],
  })
