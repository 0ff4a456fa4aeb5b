import { Type } from 'typebox'
import { READERS } from '../access.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

const NullableString = Type.Unsafe<string | null>({ type: ['string', 'null'] })

const LastError = { type: ['object', 'null'], properties: { reason: Type.String(), detail: Type.String(), at: Type.String() }, required: ['reason', 'detail', 'at'], description: 'Of this run of the hub, whether or not it has passed' }

const Upstream = {
  type: ['object', 'null'],
  properties: {
    connected_since: NullableString, connections: Type.Integer(),
    sent: Type.Integer({ description: 'Messages handed to connections, those that were sent again among them' }), resent: Type.Integer(),
    in_flight: Type.Integer({ description: 'Messages that are not known to have arrived' }),
    looped: Type.Integer({ description: 'Messages left out since they came from this hub, or through too many' }), oldest_waiting: NullableString,
  },
  required: ['connected_since', 'connections', 'sent', 'resent', 'in_flight', 'looped', 'oldest_waiting'],
  description: 'Of kind `forward`',
}

export const Sink = Type.Object({
  name: Type.String(),
  kind: Type.String(),
  to: Type.String({ description: 'The file, or the server as a URL' }),
  path: NullableString,
  format: NullableString,
  query: NullableString,
  state: Type.String({ description: 'waiting, running, stopped: it cannot write, and tries again' }),
  seq: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'Everything up to here is written, or is not for it' }),
  backlog: Type.Integer({ description: 'Committed messages that it has not looked at yet' }),
  written: Type.Integer({ description: 'Messages that are in the file, or known to have arrived, since the hub started' }),
  bytes: Type.Integer(),
  rotations: Type.Integer(),
  lost: Type.Integer({ description: 'Seqs that were passed over, since no message with them is stored any more' }),
  lost_ranges: Type.Array(Type.Object({ from_seq: Type.Integer(), to_seq: Type.Integer() }), { description: 'The last of them' }),
  errors: Type.Record(Type.String(), Type.Integer(), { description: 'Attempts that failed, by reason' }),
  last_error: Type.Unsafe<unknown>(LastError),
  upstream: Type.Unsafe<unknown>(Upstream),
})

/** What hands the stream on, and how far it is. */
export const sinkRoutes: Routes = (app, { parts: { sinks } }) => {
  app.get(
    '/api/v1/sinks',
    { config: { access: READERS }, schema: { summary: 'What hands messages on, and how far it is', tags: ['sinks'], response: answers({ 200: Type.Object({ sinks: Type.Array(Sink) }) }) } },
    async () => ({ sinks: await sinks() }) as never,
  )
}
