import { Type } from 'typebox'
import { OPERATORS, READERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers, Node, NodeChange, NodeHistory, NodeImport } from '../schemas.ts'

const Name = Type.Object({ name: Type.String({ minLength: 1, maxLength: 253 }) })

/** One node with all its labels. */
const MAX_NODE_BYTES = 256 * 1024

/** Nodes, their history, and the registry's writes. */
export const nodeRoutes: Routes = (app, { parts: { nodes }, maxBodyBytes }) => {
  app.get(
    '/api/v1/nodes',
    { config: { access: READERS }, schema: { summary: 'All nodes', tags: ['nodes'], response: answers({ 200: Type.Object({ nodes: Type.Array(Node) }) }) } },
    async () => ({ nodes: await nodes.list() }) as never,
  )

  app.get(
    '/api/v1/nodes/:name',
    { config: { access: READERS }, schema: { summary: 'One node, by name or alias', tags: ['nodes'], params: Name, response: answers({ 200: Node }) } },
    (request) => nodes.node(request.params.name) as never,
  )

  app.get(
    '/api/v1/nodes/:name/history',
    {
      config: { access: READERS },
      schema: { summary: 'State changes of a node and what caused each', tags: ['nodes'], params: Name, response: answers({ 200: Type.Object({ history: Type.Array(NodeHistory) }) }) },
    },
    async (request) => ({ history: await nodes.history(request.params.name) }) as never,
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/api/v1/nodes/:name',
      config: { access: OPERATORS },
      bodyLimit: Math.min(MAX_NODE_BYTES, maxBodyBytes),
      schema: {
        summary: method === 'PUT' ? 'Register a node, or change it' : 'Change a node',
        description: 'Members that are absent stay as they are; lists are replaced whole.',
        tags: ['nodes'],
        params: Name,
        body: NodeChange,
        response: answers({ 200: Node }),
      },
      handler: (request) => nodes.set(request.params.name, request.body, request.caller.name) as never,
    })
  }

  app.post(
    '/api/v1/nodes/import',
    {
      config: { access: OPERATORS },
      bodyLimit: maxBodyBytes,
      schema: {
        summary: 'Register or change many nodes at once',
        tags: ['nodes'],
        body: NodeImport,
        response: answers({ 200: Type.Object({ created: Type.Integer(), changed: Type.Integer() }) }),
      },
    },
    (request) => nodes.import(request.body.nodes, request.caller.name),
  )
}
