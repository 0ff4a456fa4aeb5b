import { h } from './dom.js'
import { ask } from './hub.js'
import { code, problemBox } from './parts.js'

/** Trades a token for the login cookie. */
export const logIn = (token) => ask('/api/v1/login', { method: 'POST', body: { token } })

/** Asks for a token, where none came with the address. */
export function loginPage({ place, onDone, problem }) {
  const input = h('input', { id: 'token', type: 'password', name: 'token', autocomplete: 'current-password', required: true, placeholder: 'hps_op_\u2026', 'aria-label': 'Token', 'data-test': 'token' })
  const answer = h('div', {}, problem && problemBox(problem))
  place.replaceChildren(h('div', { class: 'login', 'data-test': 'login' },
    h('h1', {}, 'HPS hub'),
    h('p', {}, 'Open the operator link that the hub printed at its first start, or paste a token.'),
    h('form', { onsubmit: submit }, input, h('button', { type: 'submit', class: 'primary', 'data-test': 'login-go' }, 'Log in')),
    answer,
    h('p', { class: 'faint' }, 'On the machine of the hub a new one is made with'),
    code('hps token create --role viewer --label "my laptop"')))
  input.focus()

  async function submit(event) {
    event.preventDefault()
    try {
      await logIn(input.value.trim())
      input.value = ''
      onDone()
    } catch (fault) {
      input.value = ''
      answer.replaceChildren(problemBox(fault))
    }
  }
}
