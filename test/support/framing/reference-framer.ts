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

interface Chain { readonly texts: readonly string[]; readonly at: number; readonly lastAt: number; readonly isProven: boolean; readonly end: number }

/** Counts without a priority, each where the one before it says; undefined where they lead to something else. */
function followChain(line: string, maxAt: number): Chain | undefined {
  const texts: string[] = []
  for (let at = 0, lastAt = 0; ; ) {
    const rest = line.slice(at)
    const proof = at > 0 ? COUNT.exec(rest) : null
    if (proof !== null) return isRight(proof) ? { texts, at, lastAt, isProven: true, end: at + proof[0].length } : undefined
    // Nothing is left, or what might go on as a count with a priority, or the CR of the line end.
    if (rest === '' || rest === '\r' || /^\d{1,10}$/.test(rest) || (at > 0 && /^\d{1,10} (<\d{0,3})?$/.test(rest))) return { texts, at, lastAt, isProven: false, end: at }
    const count = /^0*[1-9]\d* /.exec(rest)?.[0] ?? ''
    if (count === '' || count.length > 11) return undefined
    lastAt = at + count.length
    at = lastAt + Number(count)
    texts.push(line.slice(lastAt, at))
    if (at > maxAt) return undefined
  }
}

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
  const takeLine = (line: string, options: { readonly lineEnd: string; readonly isMiscounted: boolean }): void => {
    const { lineEnd, isMiscounted } = options
    const text = lineEnd === '\n' && line.endsWith('\r') ? line.slice(0, -1) : line
    at += line.length + lineEnd.length
    isOnlyCounted = wasCounted = false
    const isEnd = lineEnd === '' && at >= stream.length
    emit(text.slice(0, maxBytes), [text.length > maxBytes && 'truncated', isMiscounted && 'bad-frame-count', isEnd && 'unterminated-frame'])
    cutBytes += Math.max(0, text.length - maxBytes)
  }
  const takeChain = (texts: readonly string[], options: { readonly length: number; readonly isInStep: boolean }): void => {
    for (const text of texts) emit(text, [])
    at += options.length;
    [wasCounted, isInStep] = [true, options.isInStep]
  }

  /** A line: whole, cut, what a wrong count has left behind, or frames that are counted without a priority. */
  const takeUncounted = (rest: string, { isWrong }: { readonly isWrong: boolean }): void => {
    const line = /^[^\n\0]*/.exec(rest)![0]
    const lineEnd = rest.slice(line.length, line.length + 1)
    const isMiscounted = isWrong || (wasCounted && !isInStep && !rest.startsWith('<'))
    const chain = isOnlyCounted ? followChain(line, maxBytes + 2) : undefined
    const next = isMiscounted ? [...line.matchAll(COUNT_INSIDE)].find(isRight) : undefined
    const nextEnd = next === undefined ? Infinity : next.index + next[0].length
    const hasReturn = lineEnd === '\n' && line.endsWith('\r')
    const length = line.length - Number(hasReturn)
    if (chain?.isProven && chain.end <= Math.min(nextEnd, maxBytes + 2)) takeChain(chain.texts, { length: chain.at, isInStep: false })
    else if (nextEnd <= maxBytes + 2) takeLine(line.slice(0, next!.index), { lineEnd: '', isMiscounted })
    else if (line.length > maxBytes + 1) takeCut(line, isMiscounted)
    else if (chain !== undefined && !chain.isProven && wasCounted && chain.at >= length && chain.at <= length + lineEnd.length + Number(hasReturn)) {
      takeChain([...chain.texts.slice(0, -1), chain.texts.at(-1)!.slice(0, length - chain.lastAt)], { length: line.length + lineEnd.length, isInStep: lineEnd !== '' })
    } else takeLine(line, { lineEnd, isMiscounted })
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
    else takeUncounted(rest, { isWrong: count !== null })
  }
}
