import { onAlertChange } from './alert-stream.js'
import { announce, h } from './dom.js'
import { ask } from './hub.js'
import { count } from './parts.js'

const WORST = ['critical', 'error', 'warning', 'info']

/** How many alerts of each severity fire that nobody looks after, the worst first. */
export const firing = (open) => WORST.map((severity) => ({ severity, count: open.filter((one) => one.severity === severity && one.state === 'firing').reduce((sum, one) => sum + one.count, 0) })).filter((one) => one.count > 0)

/** From the first word of the stream on: the number of alerts that fire beside their name in the navigation, in the colour of the worst. */
export function showAlertBadge() {
  const place = document.getElementById('alert-badge')
  const show = async () => {
    try {
      const { open } = await ask('/api/v1/alerts?limit=1')
      const found = firing(open)
      const total = found.reduce((sum, one) => sum + one.count, 0)
      place.replaceChildren(...(total === 0 ? [] : [h('span', { class: `badge ${found[0].severity}`, title: found.map((one) => `${count(one.count)} ${one.severity}`).join(', '), 'data-test': 'alert-badge' }, total > 999 ? '999+' : String(total), h('span', { class: 'visually-hidden' }, ' firing'))]))
      announce(total === 0 ? 'No alert fires' : `${total} alerts fire`)
    } catch {
      place.replaceChildren() // the hub is away or the login has ended: the page itself says so
    }
  }
  onAlertChange(() => void show())
}
