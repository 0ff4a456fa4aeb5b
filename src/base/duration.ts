/** Durations as people write them in configuration, rules and queries: `90s`, `25m`, `1h30m`, `7d`, `250ms`. */
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/gy

/** @returns milliseconds, or undefined when `text` is not one or more `<number><unit>` parts */
export function parseDurationMs(text: string): number | undefined {
  let totalMs = 0
  PART.lastIndex = 0
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text)
    if (match === null) return undefined
    totalMs += Number(match[1]) * UNIT_MS[match[2]!]!
  }
  return text.length > 0 ? totalMs : undefined
}

/** The shortest exact form: `formatDuration(5_400_000)` is `1h30m`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  let rest = Math.round(ms / 1000)
  let text = ''
  for (const [unit, seconds] of [['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]] as const) {
    const count = Math.floor(rest / seconds)
    if (count > 0) text += `${count}${unit}`
    rest -= count * seconds
  }
  return text
}
