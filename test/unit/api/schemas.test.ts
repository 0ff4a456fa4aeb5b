import type { Static } from 'typebox'
import { expect, test } from 'vitest'
import type { BootDecision, LoggedView, LossesView, MessageView, NodeHistoryView, NodeView, NotLoggedView, SessionDetail, SessionView, ShedView, SourceView, TokenView } from '#api/index.ts'
import { AlertDetailAnswer } from '#api/alert-part.ts'
import { AlertSilenceAnswer } from '#api/alert-silence-part.ts'
import { OutboxDetailAnswer } from '#api/outbox-part.ts'
import { RuleDetailAnswer } from '#api/rule-part.ts'
import { LossesAnswer, ShedAnswer } from '#api/loss-part.ts'
import { Logged, NotLogged } from '#api/routes/ack.ts'
import * as schemas from '#api/schemas.ts'
import { alertDetail, alertSilence } from './fake-alerts.ts'
import { deliveryDetail, ruleDetail } from './fake-triggers.ts'
import { logged, losses, message, node, notLogged, session, shed, source, sourceDetail } from './fakes.ts'

/** Fails to compile where a schema and its view differ in a member or its type. */
type Same<A, B> = [Required<Writable<A>>] extends [Required<Writable<B>>] ? ([Required<Writable<B>>] extends [Required<Writable<A>>] ? true : never) : never
type Writable<T> = T extends readonly (infer Item)[] ? Writable<Item>[] : T extends object ? { -readonly [Member in keyof T]: Writable<T[Member]> } : T

test('each schema has the members of its view, and their types', () => {
  const same: readonly true[] = [
    true satisfies Same<Static<typeof schemas.Message>, MessageView>,
    true satisfies Same<Static<typeof schemas.Node>, NodeView>,
    true satisfies Same<Static<typeof schemas.NodeHistory>, NodeHistoryView>,
    true satisfies Same<Static<typeof schemas.Session>, SessionView>,
    true satisfies Same<Static<typeof schemas.SessionDetail>, SessionDetail>,
    true satisfies Same<Static<typeof schemas.Source>, SourceView>,
    true satisfies Same<Static<typeof schemas.Token>, TokenView>,
    true satisfies Same<Static<typeof Logged>, LoggedView>,
    true satisfies Same<Static<typeof NotLogged>, NotLoggedView>,
    true satisfies Same<Static<typeof LossesAnswer>, LossesView>,
    true satisfies Same<Static<typeof ShedAnswer>, ShedView>,
    true satisfies Same<Static<typeof schemas.Decision>, BootDecision>,
  ]
  expect(same).toHaveLength(12)
})

test.for([
  ['message', schemas.Message, message({ since_boot_ms: 1, since_boot_by: 'sent', fields: [], fields_cut: true })],
  ['node', schemas.Node, node()],
  ['session', schemas.Session, session()],
  ['source', schemas.Source, source()],
  ['ledger', LossesAnswer, losses()],
  ['shed template', ShedAnswer, shed()],
  ['key that arrived', Logged, logged()],
  ['key that did not', NotLogged, notLogged()],
  ['source with its forms', schemas.SourceDetail, sourceDetail()],
  ['alert with its history', AlertDetailAnswer, alertDetail()],
  ['silence about alerts', AlertSilenceAnswer, alertSilence()],
  ['rule', RuleDetailAnswer, ruleDetail()],
  ['delivery', OutboxDetailAnswer, deliveryDetail()],
] as const)('the schema of a %s lists what a whole one has, so that the serialiser drops nothing', ([, schema, view]) => {
  expect(Object.keys(schema.properties).toSorted()).toEqual(Object.keys(view).toSorted())
})
