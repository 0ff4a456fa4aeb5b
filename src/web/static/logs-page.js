import { announce, button, h } from './dom.js'
import { histogram } from './histogram.js'
import { searchLong } from './hub.js'
import { followLive } from './live.js'
import { logsAt } from './location.js'
import { messageRows } from './message-row.js'
import { code, count, empty } from './parts.js'
import { queryFault } from './query-fault.js'
import { searchProgress } from './search-progress.js'
import { shownText } from './shown-text.js'
import { day, zoneName } from './time.js'
import { whatIsInIt } from './what-is-in-it.js'

const PAGE_SIZE = 200
/** Rows kept on the page while it is live; the oldest leave, "more" brings them back. */
const MAX_LIVE_ROWS = 2000
const EXAMPLES = ['severity:<=warning since:1h', 'app:kernel "link is down"', 'node:tch-001 -app:cron', '/md[0-9]+.*degraded/']

const INCOMPLETE = { deadline: 'stopped at the deadline: there may be more', cancelled: 'stopped: there may be more', damaged: 'something stored could not be read: there may be more' }

/** Search and live tail on one page. */
export function logsPage({ place, params, signal }) {
  const query = params.get('q') ?? ''
  const input = h('input', { id: 'search', name: 'q', type: 'search', value: query, placeholder: 'Search: words, "phrases", /regex/, node: session: app: severity:<= since:', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', 'aria-label': 'Search the log', enterkeyhint: 'search', 'data-test': 'search' })
  const liveButton = button('Live', toggle, { class: 'live', 'aria-pressed': 'false', 'data-test': 'live', 'data-key': 't', title: 'Follow new messages (t)' })
  const form = h('form', { class: 'search', role: 'search', onsubmit: submit }, input, h('button', { type: 'submit', class: 'primary', 'data-test': 'search-go' }, 'Search'), liveButton)
  const notice = h('div', { class: 'notice', 'data-test': 'notice' })
  const summary = h('p', { class: 'summary', 'data-test': 'summary' }, 'Searching\u2026')
  const list = h('ol', { class: 'log', 'aria-label': 'Messages, newest first', 'data-test': 'messages' })
  const foot = h('div', { class: 'foot' })
  const strip = histogram({ query, signal })
  const progress = h('div', {})
  place.append(h('div', { class: 'toolbar' }, form, notice, progress, summary), strip.element, whatIsInIt({ query, signal }), list, foot)

  let shown = 0
  let newest
  let oldest
  let stop
  let held = { messages: [], gaps: [] }
  let isHeld = false
  void start()
  signal.addEventListener('abort', () => stop?.())

  async function start() {
    await load()
    if (!signal.aborted && params.get('live') === '1') follow()
  }

  async function load(cursor) {
    const shownProgress = searchProgress(progress)
    try {
      const answer = await searchLong(query, { limit: PAGE_SIZE, cursor, signal, onProgress: shownProgress.show }).finally(shownProgress.end)
      list.append(...messageRows(answer.messages, { query, before: oldest }))
      shown += answer.messages.length
      newest ??= answer.messages[0]
      oldest = answer.messages.at(-1) ?? oldest
      summarise(answer)
      foot.replaceChildren(...(answer.cursor === null ? [] : [button('Load older messages', () => void load(answer.cursor), { 'data-test': 'more' })]))
      if (shown === 0 && answer.cursor === null) foot.replaceChildren(nothing(answer.broader))
    } catch (fault) {
      if (signal.aborted) return
      summary.replaceChildren()
      foot.replaceChildren(queryFault(fault, query))
    }
  }

  function summarise(answer) {
    const words = [`${count(shown)} message${shown === 1 ? '' : 's'}${answer.cursor === null ? '' : ' so far'}`, `times in ${zoneName()}`]
    summary.replaceChildren(words.join(' \u00b7 '))
    if (!answer.complete) summary.append(' \u00b7 ', h('strong', { class: 'warn-text' }, INCOMPLETE[answer.reason] ?? 'there may be more'))
    announce(words[0])
  }

  function submit(event) {
    event.preventDefault()
    const next = logsAt(input.value.trim(), stop === undefined ? {} : { live: '1' })
    if (location.hash === next) window.dispatchEvent(new HashChangeEvent('hashchange'))
    else location.hash = next
  }

  function toggle() {
    if (stop === undefined) follow()
    else unfollow()
  }

  function follow() {
    stop = followLive({ query, after: newest?.seq, onBatch: take, onState: showState })
    remember(true)
  }

  function unfollow() {
    stop?.()
    stop = undefined
    isHeld = false
    held = { messages: [], gaps: [] }
    liveButton.setAttribute('aria-pressed', 'false')
    liveButton.textContent = 'Live'
    notice.replaceChildren()
    remember(false)
  }

  /** The address says whether the page is live, without loading it again. */
  function remember(isLive) {
    history.replaceState(null, '', logsAt(query, isLive ? { live: '1' } : {}))
  }

  function showState(state) {
    if (stop === undefined && state !== 'connecting') return
    liveButton.setAttribute('aria-pressed', 'true')
    liveButton.textContent = { live: 'Live', connecting: 'Connecting', failed: 'No connection' }[state]
    liveButton.dataset.state = state
    if (state === 'failed') notice.replaceChildren(h('p', { class: 'bar warn' }, 'The live tail ended: too many are open, or the login has ended. ', button('Try again', () => (unfollow(), follow()))))
    else if (!isHeld) notice.replaceChildren(pauseBar())
  }

  const pauseBar = () => h('p', { class: 'bar quiet' }, 'New messages appear on top. ', button('Pause', hold, { 'data-test': 'pause', 'data-key': 'p', title: 'p' }))

  function hold() {
    isHeld = true
    showHeld()
  }

  function showHeld() {
    const waiting = held.messages.length
    notice.replaceChildren(h('p', { class: 'bar warn', 'data-test': 'paused' }, `Paused: ${count(waiting)} new. `, button(waiting === 0 ? 'Go on' : `Show ${count(waiting)} and go on`, release, { 'data-test': 'resume', 'data-key': 'p', title: 'p' })))
  }

  function release() {
    isHeld = false
    const batch = held
    held = { messages: [], gaps: [] }
    scrollTo({ top: 0 })
    prepend(batch)
    notice.replaceChildren(pauseBar())
  }

  /** Nothing moves under the eyes of a person who has scrolled down: then new messages wait. */
  function take(batch) {
    if (!isHeld && scrollY > 80) isHeld = true
    if (!isHeld) return prepend(batch)
    held.messages.push(...batch.messages)
    held.gaps.push(...batch.gaps)
    if (held.messages.length > MAX_LIVE_ROWS) {
      const lost = held.messages.splice(0, held.messages.length - MAX_LIVE_ROWS)
      held.gaps.push({ fromSeq: lost[0].seq, toSeq: lost.at(-1).seq, count: lost.length })
    }
    held.gaps = merged(held.gaps)
    showHeld()
  }

  function prepend({ messages, gaps }) {
    if (messages.length + gaps.length === 0) return
    const items = [...messages.map((message) => ({ seq: message.seq, message })), ...gaps.map((gap) => ({ seq: gap.toSeq, gap }))].sort((a, b) => b.seq - a.seq)
    let before
    const rows = items.flatMap(({ message, gap }) => {
      if (message === undefined) return [gapRow(gap)]
      const added = messageRows([message], { query, before })
      before = message
      return added
    })
    for (const row of rows) row.classList.add('fresh')
    // the day that headed the list now stands in its middle, once
    if (before !== undefined && newest !== undefined && day(before.received) === day(newest.received)) list.querySelector('.day')?.remove()
    list.prepend(...rows)
    newest = messages.at(-1) ?? newest
    strip.add(messages)
    shown += messages.length
    if (shown > 0 && foot.querySelector('.empty') !== null) foot.replaceChildren()
    while (list.childElementCount > MAX_LIVE_ROWS) list.lastElementChild.remove()
    summary.replaceChildren(`${count(shown)} messages \u00b7 times in ${zoneName()}`)
    announce(`${count(shown)} messages`)
  }

  const gapRow = ({ fromSeq, toSeq, count: missed }) =>
    h('li', { class: 'gap', 'data-row': true, 'data-test': 'skipped' }, `${count(missed)} message${missed === 1 ? ' was' : 's were'} skipped, too fast for this page. `, h('a', { href: logsAt(`${query === '' ? '' : `(${query}) `}seq:>=${fromSeq} seq:<=${toSeq}`) }, 'Fetch them'))

  const nothing = (broader) =>
    query === ''
      ? empty('No message has arrived yet.', 'Send one from any machine, then it is here:', code(`logger -n ${location.hostname} -P 5514 -d "hello from $(hostname)"`))
      : empty('Nothing fits this search.', ...(broader ? [h('p', { 'data-test': 'broader' }, 'Words are looked for as a whole. Inside longer words too: ', h('a', { href: logsAt(broader) }, h('code', {}, shownText(broader))))] : []), 'Take a word away, or widen the time. Some searches that work:', h('ul', { class: 'examples' }, EXAMPLES.map((example) => h('li', {}, h('a', { href: logsAt(example) }, h('code', {}, example))))), h('p', {}, h('a', { href: logsAt('') }, 'Show everything')))
}

/** Gaps that touch become one. */
function merged(gaps) {
  const [first, ...rest] = gaps
  return first === undefined ? [] : [rest.reduce((all, gap) => ({ fromSeq: Math.min(all.fromSeq, gap.fromSeq), toSeq: Math.max(all.toSeq, gap.toSeq), count: all.count + gap.count }), first)]
}
