import { formatDuration } from '#base/duration.ts'
import type { NoiseRule } from './noise-report.ts'

/** Fewer alerts say nothing about a rule. */
const FEW = 5
/** From this share on it is what the rule does, not what happened to happen. */
const MOST = 0.8
const HALF = 0.5
/** Told so often for each alert, people stop to read. */
const OFTEN = 5
const MINUTE_MS = 60_000
/** Durations that people write. */
const USUAL_MS = [1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * MINUTE_MS)

/** What to do about a rule, in words: the first that applies. */
export function adviceOf(figures: Omit<NoiseRule, 'advice'>): string {
  const { alerts, told, unattended, short, shortWithinMs, flaps, returned, silenced, acknowledged, closed, open, nodes, unlasted } = figures
  const attended = acknowledged + closed
  if (alerts === 0) return unlasted === 0 ? 'nothing to say: it told nobody' : `${unlasted} were over before \`for:\` had passed: it keeps them from people as it should`
  if (alerts < FEW) return 'too few to judge'
  if (silenced / alerts >= HALF) return `${silenced} of ${alerts} were silenced: people do not want it; narrow it by \`where:\`, or put it on trial with \`status: shadow\``
  if (short / alerts >= MOST) return `${short} of ${alerts} resolved themselves within ${formatDuration(usual(shortWithinMs))} and ${nobody(attended)}: add \`for: ${formatDuration(longer(shortWithinMs))}\``
  if (flaps >= alerts) return `they came back ${flaps} times while they were held open: what it asks about wavers; count it in a window (\`count\`), or add a \`for:\``
  if (returned / alerts >= HALF) return `${returned} of ${alerts} came again within an hour of being over: add \`hold: 1h\`, so that they are one alert`
  const [first] = nodes
  if (first !== undefined && first.alerts / alerts >= MOST) return `${first.alerts} of ${alerts} are about ${first.node}: mend that one, or silence it while it waits`
  if (told / alerts >= OFTEN && unattended > 0) return `people were told ${Math.round(told / alerts)} times of each: give its route a longer \`repeat:\`, or the rule an \`every:\``
  if (unattended === alerts && told > 0) return `nobody acknowledged or closed one of ${alerts}: give it a lower severity or a digest, or take it away`
  if (told === 0) return 'it told nobody'
  return open === alerts ? 'all of them go on: somebody should look' : `people looked after ${alerts - unattended} of ${alerts}: leave it as it is`
}

const nobody = (attended: number): string => (attended === 0 ? 'nobody acknowledged one' : `${attended} were acknowledged or closed`)
const usual = (ms: number): number => USUAL_MS.find((one) => one >= ms) ?? USUAL_MS.at(-1)!
/** Twice as long as nine of ten took, in a duration that people write. */
const longer = (ms: number): number => usual(Math.max(2 * usual(ms), 2 * MINUTE_MS))
