import { h } from './dom.js'
import { pieces } from './visible.js'

/** Logged text as nodes: control characters in a frame of their own. */
export const shownText = (text) => pieces(text).map((piece) => (piece.kind === 'text' ? piece.text : h('span', { class: 'control', title: `Control character ${piece.text}` }, piece.text)))
