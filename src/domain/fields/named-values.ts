import { MAX_VALUES, type TakeField } from './field.ts'

/**
 * `Severity: Informational, Category: Audit, MessageID: USR0032, Message: …`, as iDRAC and other management controllers write: names of up to
 * three words that begin with a capital. One alone is prose.
 */
const NAME = String.raw`([A-Z]\w{0,40}(?: \w{1,40}){0,2}): `
const BEGINNING = new RegExp(`^${NAME}`)
const NEXT = new RegExp(`, ${NAME}`, 'g')

/** @returns whether the text is of this form; `take` may end it early */
export function takeNamedValues(text: string, take: TakeField): boolean {
  const first = text.includes(': ') ? BEGINNING.exec(text) : null
  if (first === null) return false
  const next = new RegExp(NEXT)
  let match = next.exec(text)
  if (match === null) return false
  let [name, from] = [first[1]!, first[0].length]
  for (;;) {
    if (!take({ kind: 'named-values', name, value: text.slice(from, match?.index) })) return true
    if (match === null) return true
    name = match[1]!
    from = next.lastIndex
    match = next.exec(text)
  }
}

/** The values of one name; undefined where the text is of another form. */
export function readNamedValues(text: string, name: string): string[] | undefined {
  const values: string[] = []
  const isOfForm = takeNamedValues(text, (field) => {
    if (field.name === name) values.push(field.value)
    return values.length < MAX_VALUES
  })
  return isOfForm ? values : undefined
}
