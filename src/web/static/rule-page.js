import { h } from './dom.js'
import { ask } from './hub.js'
import { alertsAt } from './location.js'
import { chip, code, count, facts, heading, text, words } from './parts.js'
import { shownText } from './shown-text.js'

/** One rule: what it says, its tests, and what it did. */
export async function rulePage({ place, id, signal }) {
  place.append(h('p', { class: 'faint' }, 'Reading the rule files\u2026'))
  const rule = await ask(`/api/v1/rules/${encodeURIComponent(id)}`, { signal })
  place.replaceChildren(
    heading(h('span', { class: 'mono' }, shownText(rule.id)), chip(rule.severity), chip(rule.status)),
    h('p', { class: 'verdict' }, shownText(rule.title)),
    ...(rule.breaker === null ? [] : [h('p', { class: 'bar warn' }, 'Not tried for now: ', shownText(rule.breaker))]),
    facts([
      ['Kind', text(rule.kind)],
      ['Told apart by', words(rule.by)],
      ['Matches since the start', count(rule.matches), 'matches'],
      ['Open alerts', h('a', { href: alertsAt({ rule: rule.id }) }, count(rule.alerts_open)), 'open'],
      ...(rule.live_keys === null ? [] : [['Live keys', count(rule.live_keys)]]),
      ['Time since it was loaded', rule.cpu_ms === null ? text(null) : `${rule.cpu_ms.toFixed(1)} ms`],
      ['File', h('span', { class: 'mono' }, shownText(`${rule.file}${rule.line === null ? '' : `:${rule.line}`}`))],
      ['Pack', text(rule.pack)],
      ['Known false alarms', text(rule.false_alarms)],
      ['Runbook', rule.runbook === null ? text(null) : h('span', { class: 'mono' }, shownText(rule.runbook))],
      ['Needs', words(rule.requires)],
      ['Owner', text(rule.owner)],
      ...rule.overridden.map(({ what, file, line }) => ['Overridden', [h('strong', {}, shownText(what)), ' in ', h('span', { class: 'mono' }, shownText(`${file}:${line}`))]]),
    ]),
    h('div', { class: 'section' }, h('h2', {}, 'As it is written')),
    rule.text === null ? h('p', { class: 'warn-text' }, shownText(rule.text_why ?? '')) : code(rule.text.split('\n').map((line, index) => [index > 0 && '\n', shownText(line)])),
    ...(rule.tests.length === 0 ? [] : [h('div', { class: 'section' }, h('h2', {}, 'Its tests, which passed when it was loaded'))]),
    ...rule.tests.map(({ name, steps }) => h('details', { class: 'test', 'data-test': 'rule-test' }, h('summary', {}, shownText(name)), h('ol', { class: 'steps mono small' }, steps.map((step) => h('li', {}, shownText(step)))))),
  )
}
