import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openLogReader, openLogStore } from '#store/index.ts'

const CHILD = fileURLToPath(new URL('log-child.ts', import.meta.url))

/** Runs the child on `directory` and kills it (SIGKILL) after its `acks`-th acknowledgement. @returns the highest acknowledged seq */
export async function runAndKill({ directory, mode, acks }: { readonly directory: string; readonly mode: 'append' | 'seal'; readonly acks: number }): Promise<number> {
  const child = spawn(process.execPath, [CHILD, directory, mode, '100000'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let highest = 0
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    highest = Number(/^acked (\d+)$/.exec(line)![1])
    if (++seen === acks) child.kill('SIGKILL')
  }
  await ended
  if (child.signalCode !== 'SIGKILL') throw new Error(`the child ended by itself: ${String(child.exitCode)}`)
  return highest
}

/** What is wrong with the store after a kill: nothing acknowledged may be missing, nothing may be there twice or as something else. */
export function findLosses(directory: string, acked: number): string[] {
  const losses: string[] = []
  const check = (when: string): void => {
    const reader = openLogReader({ directory, clock: Date.now })
    const messages = reader.readAfter(0, 10_000_000)
    const damaged = reader.stats().damaged
    reader.close()
    const seqs = messages.map((message) => message.seq)
    const present = new Set(seqs)
    if (present.size !== seqs.length) losses.push(`${when}: ${seqs.length - present.size} messages are there twice`)
    for (let seq = 1; seq <= acked; seq++) if (!present.has(seq)) losses.push(`${when}: seq ${seq} is missing`)
    for (const message of messages) if (message.text !== `m${message.seq}`) losses.push(`${when}: seq ${message.seq} says ${message.text}`)
    losses.push(...damaged.map((what) => `${when}: damaged: ${what}`))
  }
  check('as it was left')
  const store = openLogStore({ directory, segmentBytes: 20_000, sealAfterMs: 1, retentionMs: 1e12, clock: Date.now })
  if (store.writer.nextSeq <= acked) losses.push(`the next seq is ${store.writer.nextSeq}`)
  check('recovered')
  const { damaged } = store.maintain({ nowMs: Date.UTC(2026, 10, 23, 12) })
  losses.push(...damaged)
  check('sealed')
  store.close()
  return losses
}
