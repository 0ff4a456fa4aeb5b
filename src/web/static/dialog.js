import { button, h } from './dom.js'
import { problemBox } from './parts.js'

/**
 * Asks before something is done, with what it needs to know. The dialog stays open with the words of the hub when it refuses.
 * @param {{ title: string, body: readonly unknown[], action: string, onAct: (form: HTMLFormElement) => Promise<void> }} options
 */
export function askFirst({ title, body, action, onAct }) {
  const fault = h('div', {})
  const go = h('button', { type: 'submit', class: 'primary', 'data-test': 'dialog-go' }, action)
  const form = h('form', { class: 'questions', onsubmit: act }, h('h2', {}, title), body, fault, h('div', { class: 'buttons' }, button('Leave it', () => dialog.close(), { 'data-test': 'dialog-leave' }), go))
  const dialog = h('dialog', { class: 'help', 'aria-label': title, 'data-test': 'dialog', onclose: () => dialog.remove() }, form)
  document.body.append(dialog)
  dialog.showModal()
  form.querySelector('input:not([type=checkbox])')?.focus()
  return dialog

  async function act(event) {
    event.preventDefault()
    go.disabled = true
    try {
      await onAct(form)
      dialog.close()
    } catch (problem) {
      fault.replaceChildren(problemBox(problem))
      go.disabled = false
    }
  }
}

/** A field with its name above it. */
export const field = (label, control) => h('label', { class: 'field' }, h('span', {}, label), control)
