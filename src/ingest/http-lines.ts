import type { FrameRow } from './parse/parser.ts'

const NEWLINE = 10
const RETURN = 13
const LESS = 60

/** One message of a body, and where the next one begins. */
export interface BodyLine {
  readonly bytes: Uint8Array
  readonly form: FrameRow['form']
  readonly next: number
}

/** The next line that is not empty from `at` on, without its line end, or undefined at the end of the body. */
export function nextLine(body: Uint8Array, at: number): Omit<BodyLine, 'form'> | undefined {
  let from = at
  while (from < body.length) {
    const newline = body.indexOf(NEWLINE, from)
    const stop = newline < 0 ? body.length : newline
    const end = stop > from && body[stop - 1] === RETURN ? stop - 1 : stop
    if (end > from) return { bytes: body.subarray(from, end), next: stop + 1 }
    from = stop + 1
  }
  return undefined
}

/** How a line of a body of plain lines is read: with a priority in front it is syslog, else text. */
export const lineForm = (line: Uint8Array): FrameRow['form'] => (line[0] === LESS ? 'syslog' : 'line')
