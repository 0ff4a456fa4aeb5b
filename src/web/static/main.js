import { showAlertBadge } from './alert-badge.js'
import { alertPage } from './alert-page.js'
import { closeAlertStream, openAlertStream } from './alert-stream.js'
import { alertsPage } from './alerts-page.js'
import { deliveryPage } from './delivery-page.js'
import { button, h } from './dom.js'
import { ask } from './hub.js'
import { hubPage } from './hub-page.js'
import { listenForKeys } from './keys.js'
import { readLocation, tokenIn } from './location.js'
import { logIn, loginPage } from './login-page.js'
import { lossPage } from './loss-page.js'
import { logsPage } from './logs-page.js'
import { messagePage } from './message-page.js'
import { nodePage } from './node-page.js'
import { nodesPage } from './nodes-page.js'
import { outboxPage } from './outbox-page.js'
import { empty, problemBox } from './parts.js'
import { rulePage } from './rule-page.js'
import { rulesPage } from './rules-page.js'
import { sessionPage } from './session-page.js'
import { sessionsPage } from './sessions-page.js'
import { silencePage } from './silence-page.js'
import { sourcePage } from './source-page.js'
import { sourcesPage } from './sources-page.js'

const PAGES = {
  logs: { show: logsPage, tab: 'logs', title: 'Log' },
  message: { show: messagePage, tab: 'logs', title: 'Message' },
  sessions: { show: sessionsPage, tab: 'sessions', title: 'Boot sessions' },
  session: { show: sessionPage, tab: 'sessions', title: 'Boot session' },
  nodes: { show: nodesPage, tab: 'nodes', title: 'Nodes' },
  node: { show: nodePage, tab: 'nodes', title: 'Node' },
  sources: { show: sourcesPage, tab: 'sources', title: 'Sources' },
  source: { show: sourcePage, tab: 'sources', title: 'Source' },
  loss: { show: lossPage, tab: 'loss', title: 'Loss' },
  silence: { show: silencePage, tab: 'silence', title: 'Silence' },
  alerts: { show: alertsPage, tab: 'alerts', title: 'Alerts' },
  alert: { show: alertPage, tab: 'alerts', title: 'Alert' },
  rules: { show: rulesPage, tab: 'rules', title: 'Rules' },
  rule: { show: rulePage, tab: 'rules', title: 'Rule' },
  outbox: { show: outboxPage, tab: 'outbox', title: 'Outbox' },
  delivery: { show: deliveryPage, tab: 'outbox', title: 'Delivery' },
  hub: { show: hubPage, tab: 'hub', title: 'Hub' },
}

const main = document.getElementById('main')
let leaving = new AbortController()

/** Shows the page of the address; what the one before had begun is stopped. */
async function show() {
  leaving.abort()
  leaving = new AbortController()
  const { signal } = leaving
  const { page, id, params } = readLocation(location.hash)
  const found = PAGES[page]
  // a page of its own, so that one that was left cannot write into this one
  const place = h('div', { class: 'page', 'data-test': `page-${found === undefined ? 'none' : page}` })
  main.replaceChildren(place)
  scrollTo({ top: 0 })
  document.title = `${found?.title ?? 'Not found'}${id === '' ? '' : ` ${id}`} \u00b7 HPS hub`
  for (const tab of document.querySelectorAll('nav a')) {
    if (tab.dataset.tab === found?.tab) tab.setAttribute('aria-current', 'page')
    else tab.removeAttribute('aria-current')
  }
  if (found === undefined) return place.append(empty('There is no such page.', h('p', {}, h('a', { href: '#/logs' }, 'To the log'))))
  try {
    await found.show({ place, id, params, signal })
  } catch (fault) {
    if (signal.aborted) return
    if (fault.status === 401) askForLogin()
    else place.replaceChildren(problemBox(fault))
  }
}

function askForLogin(problem) {
  closeAlertStream()
  document.body.classList.add('locked')
  loginPage({ place: main, problem, onDone: () => void start() })
}

async function start() {
  try {
    const me = await ask('/api/v1/me')
    document.body.classList.remove('locked')
    document.body.dataset.role = me.role
    openAlertStream()
    document.getElementById('who').replaceChildren(h('span', { title: `${me.role} \u00b7 hub ${me.version}`, 'data-test': 'who' }, me.name), button('Log out', () => void logOut(), { class: 'plain', 'data-test': 'logout' }))
    await show()
  } catch (fault) {
    if (fault.status === 401) askForLogin()
    else main.replaceChildren(problemBox(fault), button('Try again', () => void start()))
  }
}

async function logOut() {
  await ask('/api/v1/logout', { method: 'POST' })
  document.getElementById('who').replaceChildren()
  askForLogin()
}

/** The token leaves the address bar and the history before anything else happens. */
async function takeToken(token) {
  history.replaceState(null, '', '#/logs')
  try {
    await logIn(token)
  } catch (fault) {
    return askForLogin(fault)
  }
  await start()
}

window.addEventListener('hashchange', () => {
  const token = tokenIn(location.hash)
  void (token === undefined ? show() : takeToken(token))
})
listenForKeys()
showAlertBadge()
const token = tokenIn(location.hash)
void (token === undefined ? start() : takeToken(token))
