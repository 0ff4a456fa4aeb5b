import type { Columns } from '#domain/batch.ts'

/** The columns of a block by the part that keeps them, in stored order; the names and orders are part of the format. */
export const ID_COLUMNS = ['source', 'node', 'session'] as const
export const TEMPLATE_COLUMNS = ['templateLo', 'templateHi'] as const
export const SMALL_COLUMNS = ['method', 'confidence'] as const
export const LAYOUT_COLUMNS = [
  'hostOff', 'hostLen', 'appOff', 'appLen', 'procOff', 'procLen', 'msgidOff', 'msgidLen', 'sdOff', 'sdLen', 'textOff', 'textLen', 'frameLen',
  'labelOff', 'labelLen', 'hints', 'faults', 'pri', 'format',
] as const

export type IdColumns = Pick<Columns, (typeof ID_COLUMNS)[number] | (typeof TEMPLATE_COLUMNS)[number] | (typeof SMALL_COLUMNS)[number] | 'sentMs'>
export type LayoutColumns = Pick<Columns, (typeof LAYOUT_COLUMNS)[number]>

export function emptyIds(rows: number): IdColumns {
  const u32 = (): Uint32Array<ArrayBuffer> => new Uint32Array(rows)
  return { source: u32(), node: u32(), session: u32(), templateLo: u32(), templateHi: u32(), method: new Uint8Array(rows), confidence: new Uint8Array(rows), sentMs: new Float64Array(rows) }
}

export function emptyLayout(rows: number): LayoutColumns {
  const u16 = (): Uint16Array<ArrayBuffer> => new Uint16Array(rows)
  return {
    hostOff: u16(), hostLen: u16(), appOff: u16(), appLen: u16(), procOff: u16(), procLen: u16(), msgidOff: u16(), msgidLen: u16(), sdOff: u16(), sdLen: u16(),
    textOff: u16(), textLen: u16(), frameLen: u16(), labelOff: u16(), labelLen: u16(), hints: u16(), faults: new Uint32Array(rows), pri: new Uint8Array(rows), format: new Uint8Array(rows),
  }
}
