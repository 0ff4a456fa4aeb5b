/**
 * Query strings and form bodies. Two dialects: `web` as browsers write them (`+` is a space), and `boot` as iPXE writes
 * them: settings are expanded without any escaping, so a value may hold `+`, `/`, a stray `%` or even `&`.
 * Neither throws, and the first of several equal names wins: a value at the end of the line cannot overrule one before it.
 */
export function parseWebQuery(text: string): Record<string, string> {
  const found = emptyRecord()
  for (const piece of text.split('&')) {
    const at = piece.indexOf('=')
    const name = unescapePercent((at < 0 ? piece : piece.slice(0, at)).replaceAll('+', ' '))
    if (name === '' || name in found) continue
    found[name] = at < 0 ? '' : unescapePercent(piece.slice(at + 1).replaceAll('+', ' '))
  }
  return found
}

/** A piece that does not begin with one of `names` belongs to the value before it: `serial=A&B/C` is one serial number. */
export function parseBootQuery(text: string, names: ReadonlySet<string>): Record<string, string> {
  const found = emptyRecord()
  let current: string | undefined
  for (const piece of text.split('&')) {
    const at = piece.indexOf('=')
    const name = at < 0 ? '' : piece.slice(0, at)
    if (names.has(name)) {
      current = name in found ? undefined : name
      if (current !== undefined) found[current] = piece.slice(at + 1)
    } else if (current !== undefined) {
      found[current] += `&${piece}`
    }
  }
  for (const [name, value] of Object.entries(found)) {
    const plain = unescapePercent(value)
    // an iPXE that does not know a setting leaves `${name}` standing or sends nothing: both mean absent
    if (plain === '' || plain.startsWith('${')) delete found[name]
    else found[name] = plain
  }
  return found
}

/** The part of a URL after `?`, as it was sent. */
export const rawQueryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')

/** Percent escapes that are none stay as they are; bytes that are not UTF-8 are read as latin-1. */
function unescapePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  }
}

/** Without a prototype: names come from outside. */
const emptyRecord = (): Record<string, string> => Object.create(null) as Record<string, string>
