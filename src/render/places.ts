import type { Medium } from './media.ts'

/**
 * Where in a text a value would stand. An escape is right in some places only: a quoted word inside double quotes is no
 * longer one. The walk goes over the constant parts of a template in order, and a value in a wrong place is refused.
 */
export interface PlaceWalk {
  /** Reads the next constant part. */
  read(content: string): void
  /** Why a value may not stand here; undefined: it may. */
  refusal(): string | undefined
  /** Names the state, so that both branches of a block can be held to end where they began. */
  readonly state: string
}

export function walkPlaces(medium: Medium): PlaceWalk {
  if (medium === 'sh') return walkShell({ isLineBased: false })
  if (medium === 'kickstart') return walkShell({ isLineBased: true })
  if (medium === 'json') return walkJson()
  return medium === 'html' ? walkHtml() : FREE
}

const FREE: PlaceWalk = { read() {}, refusal: () => undefined, state: 'free' }

/** POSIX 2.2 quoting and 2.3 comments. Here-documents are not followed, so templates have none. */
function walkShell({ isLineBased }: { readonly isLineBased: boolean }): PlaceWalk {
  let state: 'free' | 'single' | 'double' | 'backquote' | 'comment' | 'here-document' = 'free'
  let before = '\n'
  return {
    read(content) {
      for (let at = 0; at < content.length; at++) {
        const char = content[at]!
        if (state === 'comment' ? char === '\n' : state === 'single' ? char === "'" : state === 'double' ? char === '"' : state === 'backquote' && char === '`') state = 'free'
        else if (char === '\\' && state !== 'single' && state !== 'comment') at++
        else if (state === 'free') {
          if (char === "'") state = 'single'
          else if (char === '"') state = 'double'
          else if (char === '`') state = 'backquote'
          else if (char === '#' && /[\s;&|()]/.test(before)) state = 'comment'
          else if (char === '<' && content[at + 1] === '<' && !isLineBased) state = 'here-document'
        }
        if (isLineBased && char === '\n' && state !== 'here-document') state = 'free'
        before = content[at] ?? ''
      }
    },
    refusal: () => (state === 'free' ? undefined : `a value cannot stand in a ${WORDS[state]}: it is a quoted word of its own`),
    get state() {
      return state
    },
  }
}
const WORDS = { single: 'quoted text', double: 'quoted text', backquote: 'command substitution with backquotes', comment: 'comment', 'here-document': 'template after `<<`' } as const

function walkJson(): PlaceWalk {
  let isInString = false
  return {
    read(content) {
      for (let at = 0; at < content.length; at++) {
        if (content[at] === '\\') at++
        else if (content[at] === '"') isInString = !isInString
      }
    },
    refusal: () => (isInString ? 'a value cannot stand in a string: it brings its own quotes' : undefined),
    get state() {
      return isInString ? 'string' : 'free'
    },
  }
}

function walkHtml(): PlaceWalk {
  let state: 'text' | 'tag' | 'single' | 'double' | 'raw' = 'text'
  let tag = ''
  return {
    read(content) {
      for (const char of content) {
        if (state === 'text' || state === 'raw') {
          if (char === '<') [state, tag] = ['tag', '']
        } else if (state === 'tag') {
          if (char === '"') state = 'double'
          else if (char === "'") state = 'single'
          else if (char === '>') state = /^(script|style)\b/i.test(tag) ? 'raw' : 'text'
          else tag += char
        } else if (char === (state === 'double' ? '"' : "'")) state = 'tag'
      }
    },
    refusal: () => (state === 'tag' ? 'a value in a tag stands in quotes' : state === 'raw' ? 'a value cannot stand in a script or style' : undefined),
    get state() {
      return state
    },
  }
}
