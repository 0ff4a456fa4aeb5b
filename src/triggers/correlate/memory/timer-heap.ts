/** Children of a node: four keep the heap flat and its reads together. */
const ARITY = 4

/** The earliest of many times, by small integer ids; each id has at most one. 16 bytes an id, and O(log n) a change. */
export class TimerHeap {
  #dueMs = new Float64Array(0)
  /** Place of an id in the heap, plus one; 0: it has no time. */
  #place = new Int32Array(0)
  #heap = new Int32Array(0)
  size = 0

  /** Ids below `capacity` may be used. */
  grow(capacity: number): void {
    this.#dueMs = grown(this.#dueMs, new Float64Array(capacity))
    this.#place = grown(this.#place, new Int32Array(capacity))
    this.#heap = grown(this.#heap, new Int32Array(capacity))
  }

  /** Id with the earliest time; -1: none. */
  get first(): number {
    return this.size === 0 ? -1 : this.#heap[0]!
  }

  /** Infinity: it has none. */
  dueOf(id: number): number {
    return this.#place[id] === 0 ? Infinity : this.#dueMs[id]!
  }

  set(id: number, dueMs: number): void {
    this.#dueMs[id] = dueMs
    let place = this.#place[id]! - 1
    if (place < 0) place = this.size++
    this.#down(this.#up(place, id), id)
  }

  remove(id: number): void {
    const place = this.#place[id]! - 1
    if (place < 0) return
    this.#place[id] = 0
    const last = this.#heap[--this.size]!
    if (last !== id) this.#down(this.#up(place, last), last)
  }

  #up(from: number, id: number): number {
    let place = from
    const dueMs = this.#dueMs[id]!
    while (place > 0) {
      const parent = ((place - 1) / ARITY) | 0
      const other = this.#heap[parent]!
      if (!(dueMs < this.#dueMs[other]!)) break
      this.#put(place, other)
      place = parent
    }
    this.#put(place, id)
    return place
  }

  #down(from: number, id: number): void {
    let place = from
    const dueMs = this.#dueMs[id]!
    for (;;) {
      const first = place * ARITY + 1
      if (first >= this.size) break
      let least = first
      const end = Math.min(first + ARITY, this.size)
      for (let child = first + 1; child < end; child++) if (this.#dueMs[this.#heap[child]!]! < this.#dueMs[this.#heap[least]!]!) least = child
      const other = this.#heap[least]!
      if (!(this.#dueMs[other]! < dueMs)) break
      this.#put(place, other)
      place = least
    }
    this.#put(place, id)
  }

  #put(place: number, id: number): void {
    this.#heap[place] = id
    this.#place[id] = place + 1
  }
}

function grown<Column extends Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
