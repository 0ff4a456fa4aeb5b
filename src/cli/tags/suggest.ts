import { templateText } from '#domain/template-text.ts'

/** A mapping as `hps sources tag` takes it. */
export interface SuggestedTag { readonly starts?: string; readonly contains?: string; readonly app?: string; readonly appWord?: number }

/** A shorter literal says too little about who wrote it. */
const MIN_LITERAL = 3
const MAX_LITERAL = 40
const MAX_NAME = 20
/** A word that stands where a tag does and looks like one: `LINK-3-UP`, `wifid:`, `kern[7]`. */
const TAG_WORD = /^(?:[A-Za-z][\w./-]{1,46}(?:\[\d+\])?:|[A-Z][A-Z0-9_-]{2,46})(?: |$)/

/** The one step that gives messages of this kind a tag: by their first word where it is one, else by what they all begin with or hold. */
export function suggestTag(sample: string): SuggestedTag {
  const words = wholeWords(literals(sample)[0] ?? '')
  if (TAG_WORD.test(sample)) return { appWord: 1 }
  if (sample.startsWith(words) && words.length >= MIN_LITERAL) return { starts: words, app: nameFrom(words) }
  const inside = literals(sample).map((literal) => wholeWords(literal.trimStart())).sort((a, b) => b.length - a.length)[0] ?? ''
  return inside.length >= MIN_LITERAL ? { contains: inside, app: nameFrom(inside) } : { app: 'untagged' }
}

/** The command, ready for a shell. */
export function tagCommand(address: string, { starts, contains, app, appWord }: SuggestedTag): string {
  const parts = ['hps sources tag', address]
  if (starts !== undefined) parts.push('--starts', quote(starts))
  if (contains !== undefined) parts.push('--contains', quote(contains))
  parts.push(...(appWord === undefined ? ['--app', quote(app ?? 'untagged')] : ['--app-word', String(appWord)]))
  return parts.join(' ')
}

/** What a template's messages share, in pieces without anything that differs or that a terminal would obey. */
const literals = (sample: string): string[] =>
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  templateText(sample).split(/\*|[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffd]/).filter((piece) => sample.includes(piece))

/** Not more than is needed, not in the middle of a word, and without the blanks around. */
function wholeWords(literal: string): string {
  const text = literal.trimEnd()
  if (text.length <= MAX_LITERAL) return text
  const at = text.lastIndexOf(' ', MAX_LITERAL)
  return text.slice(0, at > 0 ? at : MAX_LITERAL)
}

function nameFrom(literal: string): string {
  const word = /[A-Za-z][\w-]*/.exec(literal)?.[0].toLowerCase().slice(0, MAX_NAME)
  return word ?? 'untagged'
}

const quote = (text: string): string => (/^[\w.:/-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`)
