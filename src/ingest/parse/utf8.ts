/** Whether the bytes are well-formed UTF-8 (RFC 3629 section 4): no overlong forms, surrogates or code points above U+10FFFF. */
export function isUtf8(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from
  while (at < end) {
    const lead = bytes[at++]!
    if (lead < 0x80) continue
    const length = sequenceLength(lead)
    if (length === 0 || end - at < length - 1) return false
    const second = bytes[at]!
    if (second < lowestSecond(lead) || second > highestSecond(lead)) return false
    for (let i = 1; i < length - 1; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return false
    at += length - 1
  }
  return true
}

function sequenceLength(lead: number): number {
  if (lead < 0xc2) return 0
  if (lead < 0xe0) return 2
  if (lead < 0xf0) return 3
  return lead <= 0xf4 ? 4 : 0
}

const lowestSecond = (lead: number): number => (lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80)
const highestSecond = (lead: number): number => (lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf)
