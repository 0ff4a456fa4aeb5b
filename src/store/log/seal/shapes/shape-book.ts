import type { Batch } from '#domain/batch.ts'
import { makeShape } from './make-shape.ts'
import { matchRow, type RowSpans } from './match-row.ts'
import { hasKeyOf, openShape, shapeKey, type Shape, type ShapeDefinition } from './shape.ts'

/** The shapes of one file; shape `id` is at place `id - 1`. Grows only. */
export interface ShapeBook {
  readonly shapes: readonly Shape[]
  /** Is there a shape with the row's key (it may still not fit)? */
  knows(batch: Batch, row: number): boolean
  /** The shape that the row fits, its variables in `spans`. */
  find(batch: Batch, row: number, spans: RowSpans): Shape | undefined
  /** Makes a shape of the row, unless there are too many or it cannot be one. @returns whether it did */
  learn(batch: Batch, row: number): boolean
  /** Takes back the shapes from `count` on: their file did not keep them. */
  truncate(count: number): void
}

/** Bounds: a sender of random words must not fill the memory; its messages are kept as they are. */
export const MAX_SHAPES = 20_000
/** Of one key: the same words with other delimiters between them. */
const MAX_VARIANTS = 8
const SLOTS = 1 << 16 // at most a third full

export function createShapeBook(known: readonly ShapeDefinition[]): ShapeBook {
  const shapes: Shape[] = []
  const keys: number[] = []
  /** The next shape of the same key, -1 at the end. */
  const next: number[] = []
  const table = new Int32Array(SLOTS).fill(-1)
  for (const definition of known) add(definition, keyOf(definition))

  function add(definition: ShapeDefinition, key: number): void {
    const place = shapes.length
    const slot = slotOf(key)
    shapes.push(openShape(place + 1, definition))
    keys.push(key)
    next.push(table[slot]!)
    table[slot] = place
  }

  function slotOf(key: number): number {
    let slot = key & (SLOTS - 1)
    while (table[slot]! >= 0 && keys[table[slot]!] !== key) slot = (slot + 1) & (SLOTS - 1)
    return slot
  }

  return {
    shapes,
    knows: (batch, row) => table[slotOf(shapeKey(batch, row))]! >= 0,
    find(batch, row, spans) {
      for (let place = table[slotOf(shapeKey(batch, row))]!; place >= 0; place = next[place]!) {
        const shape = shapes[place]!
        if (hasKeyOf(shape, batch, row) && matchRow(shape, batch, row, spans)) return shape
      }
      return undefined
    },
    learn(batch, row) {
      const key = shapeKey(batch, row)
      let variants = 0
      for (let place = table[slotOf(key)]!; place >= 0; place = next[place]!) variants++
      if (shapes.length >= MAX_SHAPES || variants >= MAX_VARIANTS) return false
      const definition = makeShape(batch, row)
      if (definition === undefined) return false
      add(definition, key)
      return true
    },
    truncate(count) {
      if (shapes.length === count) return
      const kept = shapes.slice(0, count)
      table.fill(-1)
      for (const list of [shapes, keys, next]) list.length = 0
      for (const shape of kept) add(shape, keyOf(shape))
    },
  }
}

/** `shapeKey` of any row of the shape. */
function keyOf({ templateLo, templateHi, format, faults, hints }: ShapeDefinition): number {
  const column = (value: number): number[] => [value]
  return shapeKey({ templateLo: column(templateLo), templateHi: column(templateHi), format: column(format), faults: column(faults), hints: column(hints) } as unknown as Batch, 0)
}
