import { expect, test } from 'vitest'
import type { RulesCommand } from '#triggers/index.ts'
import { createRuleDesk } from '../../../src/app/rule-desk.ts'
import { createRuleStudies, MAX_RULE_QUESTIONS } from '../../../src/app/rule-study.ts'

function asking() {
  const [sent, counted]: [Extract<RulesCommand, { kind: 'study' }>[], unknown[]] = [[], []]
  let waiting = (): number => -1
  const studies = createRuleStudies({
    send: (command) => void (command.kind === 'study' && sent.push(command)),
    metrics: { add: (...given: unknown[]) => void counted.push(given), measure: (_: string, read: () => number) => void (waiting = read) } as never,
  })
  return { studies, sent, counted, waiting: () => waiting() }
}
const question = { kind: 'outline', rule: 'net.link' } as const
const answer = { kind: 'no-rule' } as never

test('a few questions to the rules may wait; the next is refused and counted, until one was answered', async () => {
  const { studies, sent, counted, waiting } = asking()
  const asked = Array.from({ length: MAX_RULE_QUESTIONS }, () => studies.ask(question))
  expect(waiting()).toBe(MAX_RULE_QUESTIONS)
  await expect(studies.ask(question)).rejects.toMatchObject({ code: 'too-many' })
  expect(counted).toEqual([['hps_http_refused_total', { reason: 'rule-questions' }]])
  studies.answered({ kind: 'studied', id: sent[1]!.id, answer })
  expect(await asked[1]).toEqual(answer)
  expect(waiting()).toBe(MAX_RULE_QUESTIONS - 1)
  const next = studies.ask(question)
  for (const { id } of sent) studies.answered({ kind: 'studied', id, answer })
  expect(await Promise.all([...asked, next])).toHaveLength(MAX_RULE_QUESTIONS + 1)
  expect([waiting(), counted.length]).toEqual([0, 1])
})

test('a rule is made of many long lines in another thread, while this one goes on', async () => {
  const desk = createRuleDesk({ add: () => undefined, measure: () => undefined })
  const line = (disk: string) => ({ app: 'kernel', severity: 2, text: `md0: Disk failure on ${disk}, disabling device ${'and more words '.repeat(60)}` })
  let [turns, done] = [0, false]
  const turn = (): void => void (turns++, done || setImmediate(turn))
  setImmediate(turn)
  const made = await desk({ kind: 'suggest', question: { id: 'site.raid', good: Array.from({ length: 30 }, (_, at) => line(`sd${String.fromCodePoint(97 + (at % 20))}1`)), bad: Array.from({ length: 20 }, (_, at) => ({ ...line('sda1'), text: `md${at}: Disk works again` })) } })
  done = true
  expect(made).toMatchObject({ ok: true, text: expect.stringContaining('id: site.raid') as string })
  expect(turns).toBeGreaterThan(20)
  expect(await desk({ kind: 'suggest', question: { id: 'a.b', good: [{ app: 'a', severity: 3, text: 'one' }, { app: 'a', severity: 3, text: 'two' }], bad: [] } })).toMatchObject({ ok: false, reason: 'nothing-in-common' })
}, 30_000)
