import type { ParseFault } from '#domain/message.ts'

/**
 * Framing as docs/decisions/0009-octet-counts.md says it, over a whole stream at once and with regular expressions: slow, and
 * written from the rules, not from the framer that it is compared with. Texts are Latin-1, a character a byte.
 */
export interface ReferenceOutcome { readonly frames: readonly string[]; readonly cutBytes: number }

const COUNT = /^(\d{1,10}) (<\d{1,3}>)/
const COUNT_INSIDE = /(?<!\d)(\d{1,10}) (<\d{1,3}>)/g
const MAX_COUNT = 1_048_576

/** Type handshake, version 3.0 … 3.4. */
const isTlsHello = (stream: string): boolean => stream.length >= 5 && stream.startsWith('\x16\x03') && stream.charCodeAt(2) <= 4
const isRight = (match: RegExpMatchArray): boolean => Number(match[1]) >= match[2]!.length && Number(match[1]) <= MAX_COUNT

export function frameByTheRules(stream: string, maxBytes: number): ReferenceOutcome {
  const frames: string[] = []
  let cutBytes = 0
  let at = 0
  /** The frame before was counted; a line end was seen behind it; no line was seen at all. */
  let [wasCounted, isInStep, isOnlyCounted, isFresh] = [false, false, true, true]

  const emit = (frame: string, faults: readonly (ParseFault | false)[]): void => {
    if (frame !== '') frames.push([frame, ...faults.filter((fault) => fault !== false)].join(' | '))
  }
  const takeCounted = (from: number, length: number): void => {
    const body = stream.slice(from, from + length)
    const isCut = length > maxBytes && body.length >= maxBytes
    emit(body.slice(0, maxBytes), isCut ? ['truncated'] : [body.length < length && 'unterminated-frame'])
    if (isCut) cutBytes += body.length - maxBytes
    at = from + length;
    [wasCounted, isInStep] = [true, false]
  }
  /** A line that is too long even with a CR; what is behind the limit goes, up to `to`. */
  const takeCut = (line: string, isMiscounted: boolean): void => {
    emit(line.slice(0, maxBytes), ['truncated', isMiscounted && 'bad-frame-count'])
    isOnlyCounted = wasCounted = false
    const next = isMiscounted ? [...line.matchAll(COUNT_INSIDE)].find((match) => match.index > maxBytes && isRight(match)) : undefined
    cutBytes += (next?.index ?? line.length) - maxBytes
    at += next?.index ?? line.length + 1
  }
  const takeLine = (line: string, options: { readonly lineEnd: string; readonly isMiscounted: boolean; readonly isDoubtful: boolean }): void => {
    const { lineEnd, isMiscounted, isDoubtful } = options
    const hasReturn = lineEnd === '\n' && line.endsWith('\r')
    const text = hasReturn ? line.slice(0, -1) : line
    at += line.length + lineEnd.length
    const exact = isDoubtful && isOnlyCounted ? /^(\d{1,10}) ([^]+)$/.exec(text) : null
    const surplus = exact === null ? -1 : Number(exact[1]) - exact[2]!.length
    const isExact = surplus >= 0 && surplus <= lineEnd.length + Number(hasReturn)
    if (isExact) {
      emit(exact![2]!, []);
      [wasCounted, isInStep] = [true, lineEnd !== '']
      return
    }
    isOnlyCounted = wasCounted = false
    const isEnd = lineEnd === '' && at >= stream.length
    emit(text.slice(0, maxBytes), [text.length > maxBytes && 'truncated', isMiscounted && 'bad-frame-count', isEnd && 'unterminated-frame'])
    cutBytes += Math.max(0, text.length - maxBytes)
  }

  for (;;) {
    for (; at < stream.length && (/[\n\r\0]/.test(stream[at]!) || (stream[at] === ' ' && wasCounted)); at++) if (stream[at] !== ' ') isInStep = true
    if (at >= stream.length) return { frames, cutBytes }
    const rest = stream.slice(at)
    const isHello = isFresh && isTlsHello(rest)
    isFresh = false
    const count = COUNT.exec(rest)
    if (isHello) takeCounted(at, 5 + rest.charCodeAt(3) * 256 + rest.charCodeAt(4))
    else if (count !== null && isRight(count)) takeCounted(at + count[1]!.length + 1, Number(count[1]))
    else {
      const line = /^[^\n\0]*/.exec(rest)![0]
      const lineEnd = rest.slice(line.length, line.length + 1)
      const isMiscounted = count !== null || (wasCounted && !isInStep && !rest.startsWith('<'))
      const isDoubtful = isMiscounted || (wasCounted && isOnlyCounted && /^\d/.test(rest))
      const next = isMiscounted ? [...line.matchAll(COUNT_INSIDE)].find(isRight) : undefined
      if (next !== undefined && next.index + next[1]!.length + 1 + next[2]!.length <= maxBytes + 2) takeLine(line.slice(0, next.index), { lineEnd: '', isMiscounted, isDoubtful })
      else if (line.length > maxBytes + 1) takeCut(line, isMiscounted)
      else takeLine(line, { lineEnd, isMiscounted, isDoubtful })
    }
  }
}
