import { MAX_OUTSTANDING, POOL_BATCHES } from './batch-flow.ts'
import { MAX_BODIES, MAX_BODIES_BYTES } from './bodies.ts'
import { MAX_HELD_BYTES } from './framing/held-frame.ts'
import { MAX_HELD_BYTES as MAX_LINES_BYTES, MAX_HELD_LINES } from './joins/held-lines.ts'

/** What the ingest thread holds at most, each from the file that owns the queue. */
export const INGEST_BOUNDS = {
  batches: POOL_BATCHES, outstanding: MAX_OUTSTANDING, bodies: MAX_BODIES, bodiesBytes: MAX_BODIES_BYTES, heldBytes: MAX_HELD_BYTES, lines: MAX_HELD_LINES, linesBytes: MAX_LINES_BYTES,
} as const
