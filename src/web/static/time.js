/** Times are shown in the zone of the person who looks; the title always holds the exact UTC time. */

const pad = (number, width = 2) => String(number).padStart(width, '0')

/** `03:04:05.678` */
export function clockTime(iso) {
  const at = new Date(iso)
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`
}

/** `2026-11-22` */
export function day(iso) {
  const at = new Date(iso)
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`
}

/** `2026-11-22 03:04:05` */
export const dayTime = (iso) => `${day(iso)} ${clockTime(iso).slice(0, 8)}`

/** How long ago, in the largest unit that says enough: `12 s`, `5 min`, `3 h`, `2 d`. Clocks differ: never negative. */
export function ago(iso, nowMs) {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(iso)) / 1000))
  if (seconds < 100) return `${seconds} s`
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

/** Time since the beginning of a boot: `+0.0 s`, `+83.4 s`, `+12:05`. */
export const sinceStart = (iso, startIso) => passed(Date.parse(iso) - Date.parse(startIso))

/** The same for milliseconds. */
export function passed(ms) {
  const seconds = ms / 1000
  if (Math.abs(seconds) < 100) return `${seconds < 0 ? '\u2212' : '+'}${Math.abs(seconds).toFixed(1)} s`
  const whole = Math.floor(seconds)
  const minutes = pad(Math.floor(whole / 60) % 60)
  return whole >= 3600 ? `+${Math.floor(whole / 3600)}:${minutes}:${pad(whole % 60)}` : `+${Math.floor(whole / 60)}:${pad(whole % 60)}`
}

/** The name of the zone, for the header of a list. */
export const zoneName = () => Intl.DateTimeFormat().resolvedOptions().timeZone
