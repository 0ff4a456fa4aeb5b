/**
 * The only way the pages make elements. Text becomes text nodes, never markup: what a node logs is an attacker's text.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `class`, `data-…`, `aria-…` and other attributes; functions named `on…` become listeners; undefined, null and false are left out
 * @param {...(Node | string | number | null | undefined | false | readonly unknown[])} children
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) {
      if (typeof value !== 'function') throw new Error(`${name} takes a function`)
      element.addEventListener(name.slice(2), value)
    } else if ((name === 'href' || name === 'src') && !isOwnAddress(String(value))) {
      throw new Error(`${name} must stay on this site`)
    } else {
      element.setAttribute(name, value === true ? '' : String(value))
    }
  }
  append(element, children)
  return element
}

/** Links go to our own pages and to our own API, nowhere else; `javascript:` in particular. */
const isOwnAddress = (address) => address.startsWith('#/') || (address.startsWith('/') && !address.startsWith('//'))

function append(element, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue
    if (Array.isArray(child)) append(element, child)
    else element.append(child instanceof Node ? child : String(child))
  }
}

/** A button that says what it does. */
export const button = (label, onclick, attributes = {}) => h('button', { type: 'button', onclick, ...attributes }, label)

/** Says something to people who listen rather than look; polite, so it waits for a pause. */
export function announce(text) {
  const place = document.getElementById('status')
  if (place !== null && place.textContent !== text) place.textContent = text
}
