interface Field { readonly name: string; readonly least: number; readonly most: number; readonly words: readonly string[] }
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly Field[] = [
  { name: 'second', least: 0, most: 59, words: [] },
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: MONTHS },
  { name: 'day of week', least: 0, most: 7, words: DAYS },
]
const PART = /^(?:\*|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d+))?$/

/** What is wrong with a calendar of five fields (six with seconds): numbers, names of months and days, lists, ranges and steps; undefined when it can be used. */
export function checkCron(text: string): string | undefined {
  const parts = text.trim().split(/\s+/)
  if (parts.length !== 5 && parts.length !== 6) return `it has ${parts.length} fields, not 5 or 6`
  const fields = FIELDS.slice(6 - parts.length)
  for (const [index, part] of parts.entries()) {
    const wrong = part.split(',').map((one) => checkPart(one, fields[index]!)).find((found) => found !== undefined)
    if (wrong !== undefined) return `${fields[index]!.name}: ${wrong}`
  }
  return undefined
}

function checkPart(part: string, field: Field): string | undefined {
  const groups = PART.exec(part)?.groups
  if (groups === undefined) return `\`${part}\` cannot be read`
  const from = groups['from'] === undefined ? undefined : valueOf(groups['from'], field)
  const to = groups['to'] === undefined ? undefined : valueOf(groups['to'], field)
  for (const value of [from, to]) if (value !== undefined && !(value >= field.least && value <= field.most)) return `\`${part}\` is not from ${field.least} to ${field.most}`
  if (from !== undefined && to !== undefined && from > to) return `\`${part}\` runs backwards`
  return groups['step'] !== undefined && !(Number(groups['step']) >= 1) ? `\`${part}\` has no step` : undefined
}

function valueOf(text: string, { words, least }: Field): number {
  if (/^\d+$/.test(text)) return Number(text)
  const word = words.indexOf(text.toLowerCase().slice(0, 3))
  return word < 0 || text.length < 3 ? Number.NaN : word + least
}

/** Whether it is an IANA time zone. */
export function checkZone(tz: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: tz }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
