import { PARSE_FAULTS } from './message.ts'

const MAPPED_APP = 1 << PARSE_FAULTS.indexOf('mapped-app')

/** Columns of a row that say how much of its frame came over the wire. */
export interface FrameColumns {
  readonly faults: { readonly [row: number]: number | undefined }
  readonly frameLen: { readonly [row: number]: number | undefined }
  readonly appOff: { readonly [row: number]: number | undefined }
  readonly appLen: { readonly [row: number]: number | undefined }
}

/**
 * How many bytes of a row's frame were received: all, but for the name that `syslog.tags` appended. A name that a mapping
 * found inside the frame never ends where the frame does, so the place of its span tells the two apart.
 * Everything that shows, exports or forwards a message as it came goes by this length.
 */
export function rawLength({ faults, frameLen, appOff, appLen }: FrameColumns, row: number): number {
  const length = frameLen[row]!
  const name = appLen[row]!
  return (faults[row]! & MAPPED_APP) !== 0 && appOff[row]! + name === length ? length - name : length
}
