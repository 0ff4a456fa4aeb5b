/** `message repeated 3 times: [ text]` of rsyslog, and the forms of BSD, Solaris and Apple's ASL without the text. */
const PLAIN = /^(?:--- )?(?:[Ll]ast )?message repeated (\d{1,10}) times?(?:: \[ ?([^]*)\])?/
/** syslog-ng: `Last message 'text' repeated 3 times, suppressed by …`. */
const QUOTED = /^Last message '([^]*)' repeated (\d{1,10}) times?/

/** How often a text stands for another, and which; `` where the sender does not say. */
export interface Repetition { readonly count: string; readonly text: string }

/** @returns undefined where the text stands for itself */
export function readRepetition(text: string): Repetition | undefined {
  const plain = PLAIN.exec(text)
  if (plain !== null) return { count: plain[1]!, text: plain[2] ?? '' }
  const quoted = QUOTED.exec(text)
  return quoted === null ? undefined : { count: quoted[2]!, text: quoted[1]! }
}
