/** Characters that would not be seen, or would change how a line reads, made visible. */

const BIDI_AND_INVISIBLE = new Set([
  0x00ad, 0x061c, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff,
])
/** ASCII's names: few fonts have the control pictures of Unicode, every one has letters. */
const C0 = 'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(' ')

/** The name to show for a code point that cannot be shown as it is; undefined when it can. */
function nameOf(code) {
  if (code < 0x20) return C0[code]
  if (code === 0x7f) return 'DEL'
  const isHidden = (code >= 0x80 && code < 0xa0) || BIDI_AND_INVISIBLE.has(code) || (code >= 0xe0000 && code < 0xe0080) || (code >= 0xd800 && code < 0xe000)
  return isHidden ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}` : undefined
}

/**
 * A text in pieces: as it is, or the name of a control character.
 * @param {string} text
 * @returns {{ kind: 'text' | 'control', text: string }[]}
 */
export function pieces(text) {
  const found = []
  let plain = ''
  for (const character of text) {
    const name = nameOf(character.codePointAt(0))
    if (name === undefined) {
      plain += character
      continue
    }
    if (plain !== '') found.push({ kind: 'text', text: plain })
    plain = ''
    found.push({ kind: 'control', text: name })
  }
  if (plain !== '') found.push({ kind: 'text', text: plain })
  return found
}

/**
 * Bytes as lines of sixteen: offset, hex, and the ASCII ones as characters.
 * @param {Uint8Array} bytes
 */
export function hexLines(bytes) {
  const lines = []
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)]
    lines.push({
      offset: at.toString(16).padStart(6, '0'),
      hex: part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ').padEnd(47),
      text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '\u00b7')).join(''),
    })
  }
  return lines
}
