import { createBatch, type Batch } from '#domain/batch.ts'
import type { ByteReader } from '../byte-stream.ts'
import { openNumberColumn, openTokenColumn, type ColumnSource, type TokenColumn } from '../columns/index.ts'
import type { Shape } from '../shapes/shape.ts'
import { createFrameWriter, createRowParts } from './frame-writer.ts'
import { readPlainRows } from './plain-rows.ts'
import { readPriorities } from './priorities.ts'
import { NO_PROCID, procidKey, readProcids, type Procids } from './procids.ts'
import { BLOCK_BYTES, BLOCK_ROWS, type Dictionaries } from './run.ts'
import type { RunHead } from './run-head.ts'
import { unpackStreams } from './streams.ts'

/** Rows of a block; those that were asked for are filled. Row `p` is place `p` of the block, so seqs do not follow each other. */
export interface BlockBatch extends Batch { readonly seqs: Float64Array }

/** `source`: its streams when they are unpacked already. */
export type PackedBlock = { readonly rows: number; readonly from: number } & ({ readonly blob: Buffer } | { readonly source: ColumnSource })

/** One block at a time, in memory that is used again for the next. */
export interface BlockReader {
  /** @param from place of its first row in the run; `head` must have loaded that run when facts or frames are asked for. Throws RangeError on damage. */
  load(block: PackedBlock, head: RunHead, dictionaries: Dictionaries): void
  readonly batch: BlockBatch
  readonly rows: number
  /** Local number 0 is no shape. */
  readonly shapes: readonly (Shape | undefined)[]
  /** Local number of the shape at each place. */
  readonly shapeAt: Uint16Array
  /** Rows of each local shape. */
  readonly shapeRows: Uint32Array
  /** Which of its shape's rows the row at each place is. */
  readonly rankAt: Uint16Array
  variablesOf(local: number): readonly TokenColumn[]
  /** Fills `batch.pri`. */
  fillPriorities(): void
  /** Of all rows. */
  procids(): Procids
  /** Fills seq, time of receipt and origin of the rows at `places`. */
  fillFacts(places: Uint16Array, count: number): void
  /** Fills frames, fields, PRI, the sender's time, format, faults, hints and template of the rows at `places`; those of an earlier call are gone. */
  fillFrames(places: Uint16Array, count: number): void
  /** Fills the rows without a shape, all but facts, PRI and the sender's time; they stay until the next block. */
  fillPlain(): void
  /** Fills the texts alone of rows of one shape (`writeTexts`); frames and texts of an earlier call are gone. */
  fillTexts(local: number, places: Uint16Array, count: number): void
}

interface Section { readonly soft: number; readonly dense: number }
const SECTION = { shapeAt: 0, priorities: 1, procids: 2, plain: 3, firstShape: 4 } as const

export function createBlockReader(): BlockReader {
  // as long as the longest frame beyond the bound of a block, which one frame may pass
  const batch: BlockBatch = { ...createBatch(BLOCK_ROWS, BLOCK_BYTES + 65_536), seqs: new Float64Array(BLOCK_ROWS) }
  return new Reader(batch)
}

class Reader implements BlockReader {
  readonly batch: BlockBatch
  readonly shapeAt = new Uint16Array(BLOCK_ROWS)
  readonly #rankAt = new Uint16Array(BLOCK_ROWS)
  #isRanked = false
  shapeRows = new Uint32Array(0)
  shapes: (Shape | undefined)[] = []
  rows = 0
  readonly #frames: ReturnType<typeof createFrameWriter>
  #from = 0
  #head: RunHead | undefined
  #dictionaries: Dictionaries = { shapes: [], origins: [] }
  #source: ColumnSource | undefined
  #sections: Section[] = []
  #softStart = 0
  #variables: (readonly TokenColumn[] | undefined)[] = []
  #hasPriorities = false
  #hasPlain = false
  /** Bytes of the rows without a shape, which lie before all others. */
  #plainBytes = 0
  #procids: Procids | undefined
  readonly #parts = createRowParts()

  constructor(batch: BlockBatch) {
    this.batch = batch
    this.#frames = createFrameWriter(batch)
  }

  load({ rows, from, ...packed }: PackedBlock, head: RunHead, dictionaries: Dictionaries): void {
    if (rows > BLOCK_ROWS) throw new RangeError(`a block claims to have ${rows} rows`)
    this.#source = 'blob' in packed ? unpackStreams(packed.blob) : packed.source
    this.#source.soft.position = 0
    this.#head = head
    this.#dictionaries = dictionaries
    this.#from = from
    this.#hasPriorities = false
    this.#hasPlain = false
    this.#plainBytes = 0
    this.#procids = undefined
    this.batch.byteCount = 0
    this.rows = rows
    this.batch.rows = rows
    this.#readLead(this.#source.soft)
    this.#at(SECTION.shapeAt)
    openNumberColumn(this.#source, rows).into(this.shapeAt)
    this.#isRanked = false
  }

  #readLead(lead: ByteReader): void {
    const shapeCount = lead.varint()
    const sections: Section[] = []
    let [soft, dense] = [0, 0]
    const section = (): void => {
      sections.push({ soft, dense })
      soft += lead.varint()
      dense += lead.varint()
    }
    for (let i = 0; i < SECTION.firstShape; i++) section()
    const shapes: (Shape | undefined)[] = [undefined]
    const counts = [0]
    let id = 0
    for (let i = 0; i < shapeCount; i++) {
      const zigzag = lead.varint()
      id += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
      const shape = this.#dictionaries.shapes[id - 1]
      if (shape === undefined) throw new RangeError(`a block has shape ${id}, which its file does not have`)
      shapes.push(shape)
      counts.push(lead.varint())
      section()
    }
    this.#softStart = lead.position
    this.#sections = sections
    this.shapes = shapes
    this.shapeRows = Uint32Array.from(counts)
    this.shapeRows[0] = this.rows - counts.reduce((sum, count) => sum + count, 0)
    this.#variables = []
  }

  /** Both streams to the beginning of a section. */
  #at(section: number): ColumnSource {
    const source = this.#source!
    const { soft, dense } = this.#sections[section]!
    source.soft.position = this.#softStart + soft
    source.dense.position = dense
    return source
  }

  get rankAt(): Uint16Array {
    if (!this.#isRanked) this.#rankRows()
    return this.#rankAt
  }

  #rankRows(): void {
    this.#isRanked = true
    const rankAt = this.#rankAt
    const next = new Uint32Array(this.shapes.length)
    for (let place = 0; place < this.rows; place++) {
      const shape = this.shapeAt[place]!
      if (shape >= next.length) throw new RangeError('a row has a shape that its block does not have')
      rankAt[place] = next[shape]!++
    }
    for (let shape = 1; shape < next.length; shape++) if (next[shape] !== this.shapeRows[shape]) throw new RangeError('a shape has other rows than its block says')
    if (next[0] !== this.shapeRows[0]) throw new RangeError('a block has other rows than its shapes')
  }

  variablesOf(local: number): readonly TokenColumn[] {
    return (this.#variables[local] ??= this.#openVariables(local))
  }

  #openVariables(local: number): readonly TokenColumn[] {
    const source = this.#at(SECTION.firstShape + local - 1)
    const { variableCount } = this.shapes[local]!
    const columns: TokenColumn[] = []
    for (let i = 0; i < variableCount; i++) columns.push(openTokenColumn(source, this.shapeRows[local]!))
    return columns
  }

  fillPriorities(): void {
    if (this.#hasPriorities) return
    readPriorities(this.#at(SECTION.priorities), { pri: this.batch.pri, shape: this.shapeAt, rows: this.rows, shapeCount: this.shapes.length })
    this.#hasPriorities = true
  }

  fillFacts(places: Uint16Array, count: number): void {
    const { batch } = this
    const head = this.#head!
    const { receivedMs, order, origin, tallies } = head
    for (let i = 0; i < count; i++) {
      const place = places[i]!
      const row = order[this.#from + place]!
      const from = this.#dictionaries.origins[tallies.numbers[origin[row]!]!]
      if (from === undefined) throw new RangeError('a run has an origin that its file does not have')
      batch.seqs[place] = head.seqOf(row)
      batch.receivedMs[place] = receivedMs[row]!
      batch.source[place] = from.source
      batch.node[place] = from.node
      batch.session[place] = from.session
      batch.method[place] = from.method
      batch.confidence[place] = from.confidence
    }
  }

  fillFrames(places: Uint16Array, count: number): void {
    const { batch, shapeAt, rankAt } = this
    const parts = this.#parts
    const head = this.#head!
    const sentMs = head.sentMs()
    const { order, origin, tallies } = head
    const { origins } = this.#dictionaries
    this.fillPriorities()
    this.fillPlain()
    batch.byteCount = this.#plainBytes
    const procids = this.procids()
    parts.procids = procids.values
    for (let i = 0; i < count; i++) {
      const place = places[i]!
      const local = shapeAt[place]!
      const row = order[this.#from + place]!
      batch.sentMs[place] = sentMs[row]!
      if (local === 0) continue
      parts.row = place
      parts.rank = rankAt[place]!
      parts.pri = batch.pri[place]!
      parts.sentMs = sentMs[row]!
      parts.host = origins[tallies.numbers[origin[row]!]!]!.host
      parts.procid = procids.index[place]!
      parts.variables = this.variablesOf(local)
      this.#frames.write(this.shapes[local]!, parts)
    }
  }

  fillTexts(local: number, places: Uint16Array, count: number): void {
    this.fillPlain()
    const variables = this.variablesOf(local)
    // most rows are wanted, or the caller would have looked for them in the columns
    if (count * 2 > this.shapeRows[local]!) for (const column of variables) column.unpack()
    this.batch.byteCount = this.#plainBytes
    this.#frames.writeTexts(this.shapes[local]!, { places, count, rankAt: this.rankAt, variables })
  }

  procids(): Procids {
    return (this.#procids ??= this.#readProcids())
  }

  #readProcids(): Procids {
    const { order, origin } = this.#head!
    const keys = new Int32Array(this.rows)
    for (let place = 0; place < this.rows; place++) {
      const shape = this.shapes[this.shapeAt[place]!]
      keys[place] = shape === undefined ? NO_PROCID : procidKey(origin[order[this.#from + place]!]!, shape)
    }
    return readProcids(this.#at(SECTION.procids), { rows: this.rows, keys })
  }

  fillPlain(): void {
    if (this.#hasPlain || this.shapeRows[0] === 0) return
    this.batch.byteCount = 0
    if (this.shapeRows[0]! > this.rows) throw new RangeError('a block has other rows than its shapes')
    const places = new Uint16Array(this.shapeRows[0]!)
    for (let place = 0, i = 0; place < this.rows; place++) if (this.shapeAt[place] === 0) places[i++] = place
    readPlainRows(this.#at(SECTION.plain), this.batch, { rows: places, count: places.length })
    this.#plainBytes = this.batch.byteCount
    this.#hasPlain = true
  }
}
