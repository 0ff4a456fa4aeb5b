import type { Alert, AlertTransition } from '#domain/alert.ts'
import type { AlertStore } from './alert-store.ts'

export interface MemoryAlertStore extends AlertStore {
  /** Every alert, in the order in which they began. */
  readonly all: readonly Alert[]
  readonly transitions: readonly AlertTransition[]
  /** The last one of an alert. */
  lastTransition(alertId: number): AlertTransition | undefined
}

/** Alerts that live as long as a test or a try on the past; nothing is ever removed. `history`: whether all steps are kept, or of each alert the last. */
export function createMemoryAlertStore({ history = 'all' }: { readonly history?: 'all' | 'last' } = {}): MemoryAlertStore {
  const byPlace: Alert[] = []
  const open = new Map<string, number>()
  const transitions: AlertTransition[] = []
  const last = new Map<number, AlertTransition>()
  const timers = createTimers((id) => at(id)?.dueMs)
  const keyOf = (rule: string, key: string): string => `${rule}\0${key}`
  const at = (id: number | undefined): Alert | undefined => (id === undefined ? undefined : byPlace[id - 1])
  const openOnes = (): Alert[] => [...open.values()].map((id) => at(id)!).sort((a, b) => a.id - b.id)
  return {
    open: (rule, key) => at(open.get(keyOf(rule, key))),
    byId: at,
    insert(alert) {
      const id = byPlace.length + 1
      byPlace.push({ ...alert, id })
      open.set(keyOf(alert.rule, alert.key), id)
      timers.set(id, alert.dueMs)
      return id
    },
    update(alert) {
      const before = byPlace[alert.id - 1]
      byPlace[alert.id - 1] = alert
      if (alert.dueMs !== before?.dueMs) timers.set(alert.id, alert.dueMs)
      if (alert.state === 'resolved') open.delete(keyOf(alert.rule, alert.key))
    },
    due: (nowMs, limit) => timers.until(nowMs, limit).map((id) => at(id)!),
    nextDueMs: () => timers.nextMs,
    openOf: (rule) => openOnes().filter((alert) => rule === undefined || alert.rule === rule),
    openOfSession: (sessionId) => openOnes().filter((alert) => alert.sessionId === sessionId),
    openCounts: () => [...Map.groupBy(openOnes(), ({ rule }) => rule)].map(([rule, alerts]) => ({ rule, count: alerts.length })),
    addTransition(transition) {
      last.set(transition.alertId, transition)
      if (history === 'all') transitions.push(transition)
    },
    lastTransition: (alertId) => last.get(alertId),
    all: byPlace,
    transitions,
  }
}

interface Timer { readonly atMs: number; readonly id: number }
const isEarlier = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.id < b.id)
/** Timers that mean nothing any more are cleared out when there are this many, and more of them than of others. */
const CLEAR_FROM = 1024

/** Times by id, the earliest first; a time that was exchanged stays until it comes up. `timeOf`: what holds now. */
function createTimers(timeOf: (id: number) => number | undefined) {
  let heap: Timer[] = []
  let known = 0 // ids that had a time when the heap was cleared last

  function push(timer: Timer): void {
    let place = heap.push(timer) - 1
    for (let parent = (place - 1) >> 1; place > 0 && isEarlier(timer, heap[parent]!); parent = (place - 1) >> 1) {
      heap[place] = heap[parent]!
      place = parent
    }
    heap[place] = timer
  }

  function pop(): void {
    const moved = heap.pop()!
    if (heap.length === 0) return
    let place = 0
    for (;;) {
      const left = 2 * place + 1
      if (left >= heap.length) break
      const child = left + 1 < heap.length && isEarlier(heap[left + 1]!, heap[left]!) ? left + 1 : left
      if (!isEarlier(heap[child]!, moved)) break
      heap[place] = heap[child]!
      place = child
    }
    heap[place] = moved
  }

  /** The earliest that still holds. */
  function first(): Timer | undefined {
    while (heap.length > 0 && timeOf(heap[0]!.id) !== heap[0]!.atMs) pop()
    return heap[0]
  }

  function clear(): void {
    const held = new Map(heap.filter(({ id, atMs }) => timeOf(id) === atMs).map((timer) => [timer.id, timer]))
    heap = []
    for (const timer of held.values()) push(timer)
    known = held.size
  }

  return {
    get nextMs() {
      return first()?.atMs
    },
    /** Call it when the time of an id is another one. */
    set(id: number, atMs: number | undefined): void {
      if (heap.length >= CLEAR_FROM && heap.length > 4 * known) clear()
      if (atMs !== undefined) push({ atMs, id })
    },
    /** Ids whose time has come, the earliest first; they stay. */
    until(nowMs: number, limit: number): readonly number[] {
      const due: Timer[] = []
      for (let timer = first(); timer !== undefined && timer.atMs <= nowMs && due.length < limit; timer = first()) {
        if (due.at(-1)?.id !== timer.id) due.push(timer)
        pop()
      }
      for (const timer of due) push(timer)
      return due.map(({ id }) => id)
    },
  }
}
