import { matchesAll } from '#domain/alert-matchers.ts'
import type { AlertSilence } from '#domain/alert.ts'

/** What the silences of a time say about one alert of it. `fieldOf`: see `alertField`. */
export const wasSilenced = (silences: readonly AlertSilence[], atMs: number, fieldOf: (field: string) => string | undefined): boolean =>
  silences.some(({ fromMs, untilMs, endedMs, matchers }) => fromMs <= atMs && atMs < Math.min(untilMs, endedMs ?? Infinity) && matchesAll(matchers, fieldOf))
