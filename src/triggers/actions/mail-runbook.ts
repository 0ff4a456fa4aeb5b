import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cut } from '#base/text.ts'

/** One part of what a runbook says: `Means`, `Look`, `Do`; label '': none. */
export interface RunbookPart { readonly label: string; readonly text: string }

/** A section is a few lines; one that is longer is to be read in the page. */
const MAX_PART_CHARACTERS = 600
const MAX_PARTS = 4
/** Sections that are remembered; the oldest goes first. */
const MAX_SECTIONS = 500

/** Sections of the runbooks that come with the program, by `docs/runbooks/storage.md#disk-failing`, remembered until the next start. What is not there is an empty list. */
export function createRunbooks(programFolder: string): (reference: string) => readonly RunbookPart[] {
  const known = new Map<string, readonly RunbookPart[]>()
  return (reference) => {
    const [, file, anchor] = /^(docs\/[A-Za-z0-9/_-]+\.md)#([A-Za-z0-9._-]+)$/.exec(reference) ?? []
    if (file === undefined || anchor === undefined) return []
    const parts = known.get(reference) ?? sectionOf(read(join(programFolder, file)), anchor)
    known.set(reference, parts)
    if (known.size > MAX_SECTIONS) known.delete(known.keys().next().value!)
    return parts
  }
}

/** A runbook that cannot be read is one that is not there: the mail still names it. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The paragraphs under a heading of Markdown, as plain text. */
export function sectionOf(page: string, anchor: string): readonly RunbookPart[] {
  const section = page.split(/^## +/m).find((part) => part.split('\n', 1)[0]!.trim() === anchor)
  if (section === undefined) return []
  const text = section.slice(section.indexOf('\n') + 1).trim()
  return text
    .split(/\n\s*\n|\n(?=\*\*)/)
    .map((paragraph) => {
      const [, label = '', rest = ''] = /^(?:\*\*(\w+)\.?\*\*)?\s*(.*)$/s.exec(paragraph.trim()) ?? []
      return { label, text: cut(plain(rest), MAX_PART_CHARACTERS) }
    })
    .filter((part) => part.text !== '')
    .slice(0, MAX_PARTS)
}

const plain = (markdown: string): string => markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\*\*|`/g, '').replace(/\s+/g, ' ').trim()
