import { button, h } from './dom.js'

/** Before this nobody has begun to wonder. */
const SHOW_AFTER_MS = 700

/** A bar with a Stop button in `place` while a search runs; nothing for a short one. */
export function searchProgress(place) {
  const sinceMs = Date.now()
  let bar
  let words
  return {
    /** @param {number} share @param {() => void} stop */
    show(share, stop) {
      if (bar === undefined) {
        if (Date.now() - sinceMs < SHOW_AFTER_MS) return
        bar = h('progress', { max: '1', 'aria-label': 'Searched' })
        words = h('span', {})
        place.replaceChildren(h('p', { class: 'bar quiet', 'data-test': 'progress' }, bar, words, button('Stop', stop, { 'data-test': 'stop' })))
      }
      bar.value = share
      words.textContent = `${Math.floor(share * 100)} % searched`
    },
    end() {
      if (bar !== undefined) place.replaceChildren()
    },
  }
}
