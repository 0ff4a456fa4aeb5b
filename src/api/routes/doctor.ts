import { Type } from 'typebox'
import { READERS } from '../access.ts'
import { VERDICTS } from '../queue-part.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'

const NullableString = Type.Unsafe<string | null>({ type: ['string', 'null'] })
const NullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] })

export const QueueItem = Type.Object({
  name: Type.String(),
  unit: Type.String(),
  bound: Type.Unsafe<number | null>({ type: ['number', 'null'], description: 'null: bounded by something else than memory, see `when_full`' }),
  fill: Type.Number(),
  peak: Type.Number({ description: 'The most at any look within the last ten minutes' }),
  full: Type.String({ description: 'What becomes of more: waits (work of the hub itself), slows (the sender), refuses, drops' }),
  means: Type.String(),
  when_full: Type.String(),
  counter: NullableString,
  counted: NullableNumber,
})

export const DoctorAnswer = Type.Object({
  version: Type.String(),
  host: Type.String(),
  started: Type.String(),
  now: Type.String({ description: 'The clock of the hub' }),
  verdict: Type.Enum([...VERDICTS]),
  checks: Type.Array(Type.Object({ name: Type.String(), verdict: Type.Enum([...VERDICTS]), finding: Type.String(), mend: NullableString })),
})

/** How the hub is, in sentences, and what waits where. */
export const doctorRoutes: Routes = (app, { parts: { doctor } }) => {
  app.get(
    '/api/v1/doctor',
    { config: { access: READERS }, schema: { summary: 'What is wrong with the hub, and what mends it', tags: ['hub'], response: answers({ 200: DoctorAnswer }) } },
    async () => doctor.examine() as never,
  )

  app.get(
    '/api/v1/queues',
    { config: { access: READERS }, schema: { summary: 'Every queue with its bound, its fill, and what was refused or dropped', tags: ['hub'], response: answers({ 200: Type.Object({ queues: Type.Array(QueueItem) }) }) } },
    async () => ({ queues: await doctor.queues() }) as never,
  )
}
