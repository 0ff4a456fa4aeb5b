import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/child.ts'
import { aHub, sumOf, type RunningHub } from '../support/hub.ts'
import { openTcp } from '../support/senders.ts'
import { followTail, type TailReader } from '../support/tail-reader.ts'

const TAILS = 200
const PER_SECOND = 20_000
const SECONDS = 3
/** Sent at once. */
const SLICE_MS = 20
/** One in so many messages is for a tail; the others are what a fleet says meanwhile. */
const FOR_A_TAIL = 4
/** A machine that runs tests is busy; what this holds is that nobody waits for a backlog. */
const LIVEZ_P99_MS = 1500

/** A fifth each by a word, by a phrase, by two words, by node and word, by program and expression. */
function queryOf(tail: number): string {
  const word = `tailword${tail}x`
  return [word, `"reached ${word}"`, `reached ${word} -nonsense`, `node:tch-${tail} ${word}`, `app:worker${tail} /${word}$/`][tail % 5]!
}
const frameOf = (n: number): string => {
  const tail = Math.floor(n / FOR_A_TAIL) % TAILS
  return n % FOR_A_TAIL === 0 ? `<14>1 - tch-${tail} worker${tail} - - - number ${n} reached tailword${tail}x\n` : `<30>1 - tch-${n % 97} sshd ${n} - - session ${n} opened for user root from 10.0.${n % 250}.${n % 199} port ${n}\n`
}

/** `PER_SECOND` messages a second, in slices. @returns how many there were */
async function send(hub: RunningHub, messages: number): Promise<void> {
  const socket = await openTcp(hub.syslogPort)
  const perSlice = (PER_SECOND * SLICE_MS) / 1000
  const startMs = performance.now()
  for (let n = 0; n < messages; n += perSlice) {
    const dueMs = startMs + (n / PER_SECOND) * 1000
    if (dueMs > performance.now()) await delay(dueMs - performance.now())
    socket.write(Array.from({ length: perSlice }, (_, i) => frameOf(n + i)).join(''))
  }
  await new Promise<void>((resolve) => socket.end(() => resolve()))
}

/** Times of `/livez` until `signal`, in order of length. */
async function answerTimes(hub: RunningHub, signal: AbortSignal): Promise<number[]> {
  const times: number[] = []
  while (!signal.aborted) {
    const startMs = performance.now()
    await (await fetch(`${hub.url}/livez`)).text()
    times.push(performance.now() - startMs)
    await delay(10)
  }
  return times.toSorted((a, b) => a - b)
}

/** What a tail got, and what can be fetched of what it was told it missed. */
async function everythingOf(hub: RunningHub, tail: TailReader): Promise<string[]> {
  const fetched = await Promise.all(tail.skipped.map(({ fromSeq, toSeq }) => hub.searchAll(`${tail.query} seq:>=${fromSeq} seq:<=${toSeq}`)))
  return [...tail.texts, ...fetched.flat().map(({ text }) => text)]
}

test('200 tails with 200 queries at 20,000 messages a second each get all that is theirs, and the hub answers meanwhile', async () => {
  await using hub = await aHub()
  const tails = await Promise.all(Array.from({ length: TAILS }, (_, tail) => followTail(hub, queryOf(tail))))
  onTestFinished(() => tails.forEach((tail) => tail.close()))
  const over = new AbortController()
  const answering = answerTimes(hub, over.signal)
  const messages = PER_SECOND * SECONDS
  await send(hub, messages)
  await until('all to be stored', async () => (await hub.json<{ readonly total: number }>('/api/v1/logs/count')).total >= messages)
  await until('all tails to be told', () => tails.reduce((sum, { texts, skipped }) => sum + texts.length + skipped.reduce((all, { count }) => all + count, 0), 0) >= messages / FOR_A_TAIL)
  over.abort()
  const times = await answering
  for (const [index, tail] of tails.entries()) {
    const expected = Array.from({ length: messages / FOR_A_TAIL / TAILS }, (_, round) => `number ${(round * TAILS + index) * FOR_A_TAIL} reached tailword${index}x`)
    expect(await everythingOf(hub, tail)).toEqual(expected)
  }
  const skipped = sumOf(await hub.metrics(), 'hps_http_stream_skipped_total')
  const [median, p99] = [0.5, 0.99].map((share) => times[Math.floor((times.length - 1) * share)]!)
  console.info(`livez median ${median!.toFixed(0)} ms, p99 ${p99!.toFixed(0)} ms; ${skipped} skipped`)
  expect(p99).toBeLessThan(LIVEZ_P99_MS)
})
