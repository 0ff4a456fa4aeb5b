import { expect, test } from 'vitest'
import type { ExplainView, WhyNotView } from '#api/index.ts'
import { explained, fakeWhy, whyNotView } from './fake-why.ts'
import { bearer, fakeApi, OPERATOR, VIEWER } from './fakes.ts'

const SAID = '550 <alice@example.org> unknown'
const MASKED = '550 <a…@example.org> unknown'

function withAnswers() {
  const fake = fakeApi()
  const [rule] = explained().rules
  const alert = rule!.alert!
  const failed = { gate: 'outbox', outcome: 'stopped', why: `notice 5 to ops by mail is dead: ${SAID}`, message: null, at: null }
  fake.parts.why = {
    ...fakeWhy(),
    explain: async () => ({ ...explained(), rules: [{ ...rule!, alert: { ...alert, notices: [{ ...alert.notices[0]!, last_error: SAID }] } }, { ...rule!, alert: null }] }),
    whyNot: async () => ({ ...whyNotView(), verdict: failed, rungs: [{ ...failed, gate: 'expression', why: `the nearest message misses: ${SAID}` }, failed] }),
  }
  return fake.api
}

test.for([['a viewer', VIEWER, MASKED], ['an operator', OPERATOR, SAID]] as const)('%s is shown what servers said, addresses only if it may', async ([, token, shown]) => {
  const api = withAnswers()
  const explain = (await api.inject({ url: '/api/v1/rules/explain?message=7', headers: bearer(token) })).json<ExplainView>()
  expect(explain.rules.map(({ alert }) => alert?.notices[0]!.last_error ?? null)).toEqual([shown, null])
  const whyNot = (await api.inject({ url: '/api/v1/rules/x/why-not?node=n1', headers: bearer(token) })).json<WhyNotView>()
  expect([whyNot.verdict.why, ...whyNot.rungs.map(({ why }) => why)]).toEqual([`notice 5 to ops by mail is dead: ${shown}`, `the nearest message misses: ${SAID}`, `notice 5 to ops by mail is dead: ${shown}`])
})
