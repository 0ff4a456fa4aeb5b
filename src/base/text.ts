/** Log text is an attacker's text: these make it safe to show on one line of a terminal or log. They do not escape for any medium; `render` does. */

/** Control characters (C0, DEL, C1) and what directs bidirectional text (marks, embeddings, overrides, isolates) become `\xNN` or `\u{NNNN}`, so that a line cannot move a terminal's cursor or reverse what a person reads. */
export const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (c) => {
    const code = c.charCodeAt(0)
    return code > 0xff ? `\\u{${code.toString(16)}}` : `\\x${code.toString(16).padStart(2, '0')}`
  })

/** Cut to `maxLength` UTF-16 units with an ellipsis, never in the middle of a surrogate pair. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const end = maxLength - 1
  const isHighSurrogate = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800
  return `${text.slice(0, isHighSurrogate ? end - 1 : end)}…`
}

/** The closest of `candidates` within a third of the word's length, for "did you mean". */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      current[j] = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    previous = current
  }
  return previous[b.length]!
}
