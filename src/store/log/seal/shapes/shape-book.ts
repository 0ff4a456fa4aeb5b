import type { Batch } from '#domain/batch.ts'
import { makeShape } from './make-shape.ts'
import { openShape, shapeKey, type Shape, type ShapeDefinition } from './shape.ts'

/** The shapes of one file; shape `id` is at place `id - 1`. Grows only. */
export interface ShapeBook {
  readonly shapes: readonly Shape[]
  /** Place of the first shape that the row may fit, -1 when none has its key; `nextOf` leads to the others. */
  firstOf(batch: Batch, row: number): number
  /** Place of the next shape of the same key, -1 at the end. */
  nextOf(place: number): number
  /** Makes a shape of the row; undefined when there are too many or it cannot be one. */
  learn(batch: Batch, row: number): Shape | undefined
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

  function add(definition: ShapeDefinition, key: number): Shape {
    const place = shapes.length
    const slot = slotOf(key)
    const shape = openShape(place + 1, definition)
    shapes.push(shape)
    keys.push(key)
    next.push(table[slot]!)
    table[slot] = place
    return shape
  }

  function slotOf(key: number): number {
    let slot = key & (SLOTS - 1)
    while (table[slot]! >= 0 && keys[table[slot]!] !== key) slot = (slot + 1) & (SLOTS - 1)
    return slot
  }

  return {
    shapes,
    firstOf: (batch, row) => table[slotOf(shapeKey(batch, row))]!,
    nextOf: (place) => next[place]!,
    learn(batch, row) {
      const key = shapeKey(batch, row)
      let variants = 0
      for (let place = table[slotOf(key)]!; place >= 0; place = next[place]!) variants++
      if (shapes.length >= MAX_SHAPES || variants >= MAX_VARIANTS) return undefined
      const definition = makeShape(batch, row)
      return definition === undefined ? undefined : add(definition, key)
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
