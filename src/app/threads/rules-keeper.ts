import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { blameOf, type Blame, type LeftOut, type RulesCommand, type RulesEvent } from '#triggers/index.ts'
import type { Thread } from './spawn.ts'

/** Why the rules thread ended unasked. */
export interface RulesDeath {
  readonly reason: string
  /** What it was at, where it knew. */
  readonly blame: Blame | undefined
  /** The rule did it again and again: it is left out for a while. */
  readonly isLeftOut: boolean
  /** After so long it is started again. */
  readonly retryMs: number
}

export interface RulesKeeperOptions {
  /** Starts a thread that is fed through `feedPort` and leaves rules out; `isAgain`: it goes on in the middle of the log. `onMessage` and `onDeath` are of this thread alone. */
  spawn(start: { readonly isAgain: boolean; readonly feedPort: MessagePort; readonly leftOut: readonly LeftOut[]; readonly onMessage: (event: RulesEvent) => void; readonly onDeath: (cause: Error) => void }): Thread
  /** Gives the log writer the port of the thread that reads what it commits; undefined: there is none, and what it holds comes back. */
  connect(port: MessagePort | undefined): void
  /** @param reply to the thread that said it: another one by then does not hear it */
  onEvent(event: RulesEvent, reply: (command: RulesCommand) => void): void
  onDeath(death: RulesDeath): void
  readonly clock: () => number
  /** Calls `work` once after `ms`; returns the cancellation. */
  readonly after: (ms: number, work: () => void) => () => void
}

export interface RulesKeeper {
  /** To the thread there is; while there is none nobody hears it. */
  post(command: RulesCommand): void
  readonly thread: Thread | undefined
  terminate(): Promise<void>
}

const RETRY_MS = [1000, 5000, 30_000, 60_000] as const
/** Having lived for this long it begins with the shortest pause again. */
const STEADY_MS = 600_000
/** A rule that was at work when the thread died this often is left out. */
const STRIKES = 2
const LEFT_OUT_MS = 3_600_000

/**
 * Keeps the rules thread alive: a fault in the rules must not keep messages from being received and stored. It is started again after a
 * pause and goes on where it was; a rule that takes it down twice is left out for an hour, or until rules are read again.
 */
export function keepRules({ spawn, connect, onEvent, onDeath, clock, after }: RulesKeeperOptions): RulesKeeper {
  let thread: Thread | undefined
  let cancelStart = (): void => undefined
  let isStopping = false
  let [startedMs, deaths] = [0, 0]
  const strikes = new Map<string, number>() // bound: the rules of a set
  const leftOut = new Map<string, number>()

  function start(isAgain: boolean): void {
    const { port1, port2 } = new MessageChannel()
    let cause: Error | undefined
    startedMs = clock()
    for (const [rule, untilMs] of leftOut) if (untilMs <= startedMs) leftOut.delete(rule)
    const mine = spawn({
      isAgain,
      feedPort: port2,
      leftOut: [...leftOut].map(([rule, untilMs]) => ({ rule, untilMs })),
      onMessage: (event) => onEvent(event, (command) => mine.post(command)),
      onDeath: (fault) => void (cause ??= fault),
    })
    thread = mine
    connect(port1)
    void mine.ended.then(() => {
      if (cause !== undefined) died(cause)
    })
  }

  function died(cause: Error): void {
    thread = undefined
    connect(undefined)
    deaths = clock() - startedMs >= STEADY_MS ? 0 : deaths
    const retryMs = RETRY_MS[Math.min(deaths++, RETRY_MS.length - 1)]!
    const blame = blameOf(cause)
    onDeath({ reason: cause.message, blame, isLeftOut: blame !== undefined && isOut(blame.rule), retryMs })
    if (!isStopping) cancelStart = after(retryMs, () => start(true))
  }

  function isOut(rule: string): boolean {
    const count = (strikes.get(rule) ?? 0) + 1
    strikes.set(rule, count)
    if (count < STRIKES) return false
    strikes.delete(rule)
    leftOut.set(rule, clock() + LEFT_OUT_MS)
    return true
  }

  start(false)
  return {
    post(command) {
      if (command.kind === 'stop') isStopping = true
      if (command.kind === 'reload') {
        strikes.clear()
        leftOut.clear()
      }
      thread?.post(command)
    },
    get thread() {
      return thread
    },
    async terminate() {
      isStopping = true
      cancelStart()
      await thread?.terminate()
    },
  }
}
