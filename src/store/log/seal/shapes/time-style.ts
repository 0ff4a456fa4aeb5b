/**
 * How a sender writes its time, so that the bytes follow from `sentMs`. `offsetMs` is what must be added to get the
 * digits: its zone, or what the parser assumed.
 */
export interface TimeStyle {
  readonly kind: 'rfc3164' | 'rfc3339'
  /** Digits behind the second that `sentMs` knows, 0 to 3; finer ones are the sender's alone. */
  readonly fractionDigits: number
  readonly offsetMs: number
}

const RFC3164 = /^[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d/
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?/
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** No zone is farther from UTC; anything beyond is another year or nonsense. */
const MAX_OFFSET_MS = 26 * 3_600_000

/** @param text begins where the time may begin; @returns the style, undefined when the bytes do not follow from `sentMs` */
export function recognizeTime(text: string, sentMs: number): TimeStyle | undefined {
  if (!Number.isFinite(sentMs)) return undefined
  const style = rfc3164Style(text, sentMs) ?? rfc3339Style(text, sentMs)
  if (style === undefined) return undefined
  const renderer = createTimeRenderer(style)
  if (!renderer.render(sentMs)) return undefined
  return text.startsWith(Buffer.from(renderer.bytes).toString('latin1')) ? style : undefined
}

function rfc3164Style(text: string, sentMs: number): TimeStyle | undefined {
  const digits = RFC3164.exec(text)?.[0]
  if (digits === undefined) return undefined
  const year = new Date(sentMs).getUTCFullYear()
  const month = MONTHS.indexOf(digits.slice(0, 3))
  for (const guess of [year, year - 1, year + 1]) {
    const claimedMs = Date.UTC(guess, month, Number(digits.slice(4, 6)), Number(digits.slice(7, 9)), Number(digits.slice(10, 12)), Number(digits.slice(13, 15)))
    const style = styleOf({ kind: 'rfc3164', fractionDigits: 0 }, claimedMs - sentMs)
    if (style !== undefined) return style
  }
  return undefined
}

function rfc3339Style(text: string, sentMs: number): TimeStyle | undefined {
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = ''] = match
  const wholeMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  const known = fraction.slice(0, 3)
  return styleOf({ kind: 'rfc3339', fractionDigits: known.length }, wholeMs + Number(known.padEnd(3, '0')) - sentMs)
}

function styleOf(style: Omit<TimeStyle, 'offsetMs'>, offsetMs: number): TimeStyle | undefined {
  return offsetMs % MINUTE_MS === 0 && Math.abs(offsetMs) <= MAX_OFFSET_MS ? { ...style, offsetMs } : undefined
}

/** Writes times of one style; keeps the second and the day it wrote last, since the next row is mostly near. */
export interface TimeRenderer {
  readonly lengthBytes: number
  /** What `render` wrote; overwritten by the next call. */
  readonly bytes: Uint8Array
  /** Of `bytes`. */
  readonly view: DataView
  /** @returns whether `sentMs` can be written in this style without loss */
  render(sentMs: number): boolean
}

const ZERO = 48
const SPACE = 32

export function createTimeRenderer({ kind, fractionDigits, offsetMs }: TimeStyle): TimeRenderer {
  const isRfc3339 = kind === 'rfc3339'
  const clockAt = isRfc3339 ? 11 : 7
  const fractionAt = clockAt + 9
  const lengthBytes = clockAt + 8 + (fractionDigits === 0 ? 0 : fractionDigits + 1)
  const unitMs = 10 ** (3 - fractionDigits)
  const bytes = new Uint8Array(Buffer.from(`${isRfc3339 ? '0000-00-00T' : 'Jan 00 '}00:00:00.000`.slice(0, lengthBytes), 'latin1'))
  let lastDay = Number.NaN
  let lastSecond = Number.NaN

  const two = (at: number, value: number): void => {
    bytes[at] = ZERO + ((value / 10) | 0)
    bytes[at + 1] = ZERO + (value % 10)
  }

  const writeDay = (day: number): boolean => {
    const date = new Date(day * DAY_MS)
    const year = date.getUTCFullYear()
    if (!(year >= 0 && year <= 9999)) return false
    lastDay = day
    const dayOfMonth = date.getUTCDate()
    if (isRfc3339) {
      two(0, (year / 100) | 0)
      two(2, year % 100)
      two(5, date.getUTCMonth() + 1)
      two(8, dayOfMonth)
      return true
    }
    const name = MONTHS[date.getUTCMonth()]!
    for (let i = 0; i < 3; i++) bytes[i] = name.charCodeAt(i)
    two(4, dayOfMonth)
    if (dayOfMonth < 10) bytes[4] = SPACE
    return true
  }

  const writeSecond = (second: number): boolean => {
    const day = Math.floor(second / 86_400)
    if (day !== lastDay && !writeDay(day)) return false
    const ofDay = second - day * 86_400
    two(clockAt, (ofDay / 3600) | 0)
    two(clockAt + 3, ((ofDay / 60) | 0) % 60)
    two(clockAt + 6, ofDay % 60)
    lastSecond = second
    return true
  }

  return {
    lengthBytes,
    bytes,
    view: new DataView(bytes.buffer),
    render(sentMs) {
      const claimedMs = sentMs + offsetMs
      const second = Math.floor(claimedMs / 1000)
      if (second !== lastSecond && !(Number.isSafeInteger(claimedMs) && writeSecond(second))) return false
      const restMs = claimedMs - second * 1000
      const units = restMs / unitMs
      if (fractionDigits === 0) return restMs === 0
      if (units !== (units | 0)) return false
      let rest = units
      for (let i = fractionDigits - 1; i >= 0; i--) {
        bytes[fractionAt + i] = ZERO + (rest % 10)
        rest = (rest / 10) | 0
      }
      return true
    },
  }
}
