import { FORMATS, PARSE_FAULTS } from './message.ts'

/** Bit of the `faults` column: the APP-NAME is one that `syslog.tags` gave. It is a name only: nothing that a sender may do goes by it. */
export const MAPPED_APP = 1 << PARSE_FAULTS.indexOf('mapped-app')
/** What the kernel writes names no program: its APP-NAME is always appended. */
const KMSG = FORMATS.indexOf('kmsg')
const NETCONSOLE = FORMATS.indexOf('netconsole')

interface NumberColumn { readonly [row: number]: number | undefined }
/** Columns of a row that say how much of its frame came over the wire. */
export interface FrameColumns { readonly faults: NumberColumn; readonly format: NumberColumn; readonly frameLen: NumberColumn; readonly appOff: NumberColumn; readonly appLen: NumberColumn }

/**
 * How many bytes of a row's frame were received: all, but for the APP-NAME that the hub appended (`syslog.tags`, the kernel's
 * own forms). A name that a mapping found inside the frame never ends where the frame does, so the place of its span tells
 * the two apart. Everything that shows, exports or forwards a message as it came goes by this length.
 */
export function rawLength({ faults, format, frameLen, appOff, appLen }: FrameColumns, row: number): number {
  const length = frameLen[row]!
  const name = appLen[row]!
  const mayBeAppended = (faults[row]! & MAPPED_APP) !== 0 || format[row] === KMSG || format[row] === NETCONSOLE
  return mayBeAppended && appOff[row]! + name === length ? length - name : length
}
