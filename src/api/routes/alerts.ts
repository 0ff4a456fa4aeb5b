import { Type } from 'typebox'
import { ALERT_SEVERITIES, ALERT_STATES } from '#domain/alert.ts'
import { OPERATORS, READERS } from '../access.ts'
import { ALERT_DEEDS, ALERT_ORDERS, AlertAnswer, AlertDetailAnswer, AlertsAnswer, type AlertDeed } from '../alert-part.ts'
import { shownTo } from '../mask.ts'
import type { Routes } from '../room.ts'
import { answers } from '../schemas.ts'
import { readWords } from '../words.ts'

/** Alerts shown at once. */
const MAX_ALERTS = 1000

const Listed = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 100, description: `Some of ${ALERT_STATES.join(', ')}, with commas` })),
  severity: Type.Optional(Type.String({ maxLength: 100, description: `Some of ${ALERT_SEVERITIES.join(', ')}, with commas` })),
  rule: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: 'Ids with commas; a trailing `*` for a beginning' })),
  node: Type.Optional(Type.String({ minLength: 1, maxLength: 253 })),
  since: Type.Optional(Type.String({ minLength: 1, maxLength: 40, description: 'That began since: a duration such as `24h`, or RFC 3339' })),
  order: Type.Optional(Type.Enum([...ALERT_ORDERS], { default: 'newest', description: '`worst`: the most severe first' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_ALERTS, default: 100 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
})

const Id = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) })

const DeedRequest = Type.Object(
  {
    note: Type.Optional(Type.String({ maxLength: 500, description: 'For the history' })),
    state: Type.Optional(Type.Enum([...ALERT_STATES], { description: 'Only when it still is in this state; else 409' })),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Who does it, where the caller is not one person; the caller is noted beside it' })),
  },
  { additionalProperties: false },
)

const DEEDS: Readonly<Record<AlertDeed['does'], string>> = {
  acknowledge: 'Say that somebody looks after an alert',
  unacknowledge: 'Say that nobody looks after an alert any more',
  close: 'End an alert by hand',
}

/** Who did it: the caller, and the person where the caller speaks for several. */
export const actorOf = (caller: string, owner: string | undefined): string => (owner === undefined ? caller : `${owner} (${caller})`)

/** What rules found, and what people do about it. */
export const alertRoutes: Routes = (app, { parts: { alerts } }) => {
  app.get(
    '/api/v1/alerts',
    { config: { access: READERS }, schema: { summary: 'Alerts, newest or worst first', tags: ['alerts'], querystring: Listed, response: answers({ 200: AlertsAnswer }) } },
    ({ query: { state, severity, rule, node, since, order = 'newest', limit = 100, cursor } }) => {
      const states = readWords(state, ALERT_STATES, 'state')
      const severities = readWords(severity, ALERT_SEVERITIES, 'severity')
      return alerts.list({ states, severities, rules: rule?.split(',').map((id) => id.trim()), node, since, order, limit, cursor }) as never
    },
  )

  app.get(
    '/api/v1/alerts/:id',
    {
      config: { access: READERS },
      schema: { summary: 'One alert: its history with reasons, what mutes it, who was told, and the messages around it', tags: ['alerts'], params: Id, response: answers({ 200: AlertDetailAnswer }) },
    },
    async ({ params: { id }, caller }) => {
      const found = await alerts.alert(id)
      return { ...found, notices: shownTo(caller.role)(found.notices) } as never
    },
  )

  for (const does of ALERT_DEEDS) {
    app.post(
      `/api/v1/alerts/:id/${does}`,
      { config: { access: OPERATORS }, schema: { summary: DEEDS[does], tags: ['alerts'], params: Id, body: DeedRequest, response: answers({ 200: AlertAnswer }) } },
      ({ params: { id }, body: { note = '', state, owner }, caller }) => alerts.act({ id, does, note, state, who: actorOf(caller.name, owner) }) as never,
    )
  }
}
