import { h } from './dom.js'
import { countBy } from './hub.js'
import { logsAt, within } from './location.js'
import { count } from './parts.js'
import { clockTime, day } from './time.js'

/** Shown apart: what somebody should look at. */
const WORSE = new Set(['warning', 'err', 'crit', 'alert', 'emerg'])
/** A live page goes on to the right; this many steps are shown at most. */
const MAX_STEPS = 120
const DAY_MS = 86_400_000

/**
 * Messages over time as a strip of bars; each leads to the messages of its step. With arrow keys from bar to bar.
 * @param {{ query: string, signal: AbortSignal }} options
 * @returns {{ element: HTMLElement, add: (messages: readonly object[]) => void }} `add`: new messages of the live tail
 */
export function histogram({ query, signal }) {
  const bars = h('div', { class: 'bars', role: 'list', onkeydown: moveOn })
  const from = h('span', {})
  const until = h('span', {})
  const note = h('span', { class: 'warn-text' })
  const element = h('section', { class: 'histogram', 'aria-label': 'Messages over time', hidden: true, 'data-test': 'histogram' }, bars, h('p', { class: 'axis' }, from, note, until))
  /** @type {{ startMs: number, all: number, worse: number }[]} */
  let steps = []
  let stepMs = 0
  void load()
  return { element, add }

  async function load() {
    try {
      const answer = await countBy(query, { by: 'time,severity', limit: 10_000, signal })
      if (answer.total === 0 || answer.step_ms === null) return
      stepMs = answer.step_ms
      const firstMs = Math.floor(Date.parse(answer.from) / stepMs) * stepMs
      const length = Math.min(MAX_STEPS, Math.max(1, Math.ceil((Date.parse(answer.until) - firstMs) / stepMs)))
      const counted = Array.from({ length }, (_, index) => ({ startMs: firstMs + index * stepMs, all: 0, worse: 0 }))
      for (const { keys: [time, severity], count: number } of answer.groups) put(counted, Date.parse(time), { number, isWorse: WORSE.has(severity) })
      steps = [...counted, ...steps.filter(({ startMs }) => startMs >= firstMs + length * stepMs)]
      note.textContent = answer.complete ? '' : 'not everything was counted'
      draw()
    } catch {
      // the search beside it says what is wrong, and works without a picture
      element.hidden = true
    }
  }

  function add(messages) {
    if (stepMs === 0) return
    for (const { received, severity } of messages) put(steps, Date.parse(received), { number: 1, isWorse: WORSE.has(severity) })
    steps.splice(0, Math.max(0, steps.length - MAX_STEPS))
    draw()
  }

  /** Steps without messages stand between those with some. */
  function put(list, ms, { number, isWorse }) {
    const startMs = Math.floor(ms / stepMs) * stepMs
    const missing = (startMs - list.at(-1).startMs) / stepMs
    if (missing > MAX_STEPS) list.splice(0)
    for (let next = (list.at(-1)?.startMs ?? startMs - stepMs) + stepMs; next <= startMs; next += stepMs) list.push({ startMs: next, all: 0, worse: 0 })
    const step = list[(startMs - list[0].startMs) / stepMs]
    if (step === undefined) return
    step.all += number
    if (isWorse) step.worse += number
  }

  function draw() {
    const highest = Math.max(1, ...steps.map(({ all }) => all))
    const focused = [...bars.children].indexOf(document.activeElement?.closest('.step'))
    bars.replaceChildren(...steps.map((step) => bar(step, highest)))
    bars.querySelector('a')?.setAttribute('tabindex', '0')
    bars.children[focused]?.querySelector('a')?.focus()
    from.textContent = label(steps[0].startMs)
    until.textContent = label(steps.at(-1).startMs + stepMs)
    element.hidden = false
  }

  function bar({ startMs, all, worse }, highest) {
    const words = `${label(startMs)} \u2013 ${label(startMs + stepMs)}: ${count(all)} message${all === 1 ? '' : 's'}${worse === 0 ? '' : `, ${count(worse)} of them warnings or worse`}`
    const [calm, loud] = [h('span', { class: 'calm' }), h('span', { class: 'loud' })]
    // by script, not by attribute: the page allows no styles in its markup
    calm.style.height = `${((all - worse) / highest) * 100}%`
    loud.style.height = `${(worse / highest) * 100}%`
    if (worse > 0) loud.style.minHeight = '3px'
    const iso = (ms) => new Date(ms).toISOString()
    const content = [h('span', { class: 'visually-hidden' }, words), loud, calm]
    return h('div', { class: 'step', role: 'listitem', title: words }, all === 0 ? content : h('a', { href: logsAt(within(query, iso(startMs), iso(startMs + stepMs))), tabindex: '-1', 'data-test': 'step' }, content))
  }

  function label(ms) {
    const iso = new Date(ms).toISOString()
    if (stepMs >= DAY_MS) return day(iso)
    const time = clockTime(iso)
    const shown = stepMs >= 60_000 ? time.slice(0, 5) : stepMs >= 1000 ? time.slice(0, 8) : time
    return steps.length > 0 && day(new Date(steps[0].startMs).toISOString()) === day(new Date(steps.at(-1).startMs).toISOString()) ? shown : `${day(iso)} ${shown}`
  }

  function moveOn(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (step === undefined) return
    const links = [...bars.querySelectorAll('a')]
    const next = links[links.indexOf(document.activeElement) + step]
    if (next === undefined) return
    event.preventDefault()
    for (const link of links) link.setAttribute('tabindex', link === next ? '0' : '-1')
    next.focus()
  }
}
