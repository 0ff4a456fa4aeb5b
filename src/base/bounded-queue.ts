/** A first-in first-out queue that never grows past its bound: `offer` says whether the item was kept, the caller counts a refusal. */
export interface BoundedQueue<T> {
  readonly size: number
  readonly capacity: number
  offer(item: T): boolean
  take(): T | undefined
}

export function createBoundedQueue<T>(capacity: number): BoundedQueue<T> {
  const ring = new Array<T | undefined>(capacity)
  let head = 0
  let size = 0
  return {
    get size() {
      return size
    },
    capacity,
    offer(item) {
      if (size === capacity) return false
      ring[(head + size++) % capacity] = item
      return true
    },
    take() {
      if (size === 0) return undefined
      const item = ring[head]
      ring[head] = undefined
      head = (head + 1) % capacity
      size--
      return item
    },
  }
}
