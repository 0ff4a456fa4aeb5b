import { printable } from '#base/text.ts'

/**
 * What a value becomes in each medium; docs/reference/templates.md says it for people. A bare `{{x}}` is escaped so by
 * the renderer: no template can forget it. Texts come from the network and are an attacker's.
 */
export const MEDIA = ['sh', 'ipxe', 'html', 'mail', 'json', 'kickstart', 'preseed', 'kernel-args'] as const
export type Medium = (typeof MEDIA)[number]

/** One word in single quotes; NUL, which no shell can hold, is left out. POSIX 2.2.2: nothing is special inside. */
const sh = (value: string): string => `'${value.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`

// oxlint-disable-next-line no-control-regex -- control characters are what is replaced
const oneLine = (value: string): string => value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')

/** Kickstart splits lines like a shell and has no line breaks in words. */
const kickstart = (value: string): string => sh(oneLine(value))

/** debconf-set-selections: the value is the rest of the line; a last backslash would join the next one. */
const preseed = (value: string): string => oneLine(value).trim().replace(/\\+$/, (slashes) => '_'.repeat(slashes.length))

/** Part of one kernel argument: no blank, quote or anything else that ends it. */
const kernelArgs = (value: string): string => value.replace(/[^A-Za-z0-9._:/@=,+%~-]/g, '_')

/**
 * iPXE has no quoting: `${` is expanded, lines end commands, words made of `&&`, `||`, `;` or `#` alone end or join them,
 * and a first `-` makes an option. Kept are letters, digits, inner blanks and `._~:/?=%+,@!()[]*^<>-`; `&` and `;` only
 * inside a word. All else becomes `_`, character by character.
 */
const ipxe = (value: string): string =>
  value
    .replace(/[^A-Za-z0-9 ._~:/?=%+,@!()[\]*^<>&;-]/gu, '_')
    .replace(/(?<![A-Za-z0-9._/=-])[&;]|[&;](?![A-Za-z0-9._/=-])/g, '_')
    .replace(/^[ -]|^ +| +$/g, (blanks) => '_'.repeat(blanks.length))

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;', '=': '&#61;' }

/** Text and quoted attribute values. Control characters and direction overrides are shown, not obeyed. */
const html = (value: string): string => printable(value).replace(/[&<>"'`=]/g, (char) => ENTITIES[char]!)

const json = (value: unknown): string =>
  JSON.stringify(value ?? null).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

const asText = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value as number)
}

export const ESCAPES: Readonly<Record<Medium, (value: unknown) => string>> = {
  sh: (value) => sh(asText(value)),
  ipxe: (value) => ipxe(asText(value)),
  html: (value) => html(asText(value)),
  mail: (value) => printable(asText(value)),
  json,
  kickstart: (value) => kickstart(asText(value)),
  preseed: (value) => preseed(asText(value)),
  'kernel-args': (value) => kernelArgs(asText(value)),
}
