import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * A load generator in a process of its own: sends messages of a pre-rendered file over one TCP connection at a steady pace, until it is killed.
 *   node send-paced.ts <port> <file> <per second>
 * Prints `sending`, and after each second how many messages it has sent.
 */
const TICK_MS = 5
const [port, file, perSecond] = process.argv.slice(2)
const content = readFileSync(file!)
const ends = lineEnds(content)
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
await new Promise<void>((resolve, reject) => socket.once('connect', () => resolve()).once('error', reject))
process.stdout.write('sending\n')

const startMs = performance.now()
let sent = 0
let reported = 0
setInterval(() => {
  const elapsedMs = performance.now() - startMs
  const due = Math.floor((elapsedMs / 1000) * Number(perSecond))
  // A receiver that does not read is not flooded with a backlog afterwards: what could not be sent in its time is left out.
  if (!socket.writableNeedDrain) sendLines(due - sent)
  sent = due
  if (elapsedMs - reported >= 1000) {
    reported = elapsedMs
    process.stdout.write(`${sent}\n`)
  }
}, TICK_MS)

let next = 0
function sendLines(count: number): void {
  for (let left = count; left > 0; ) {
    const until = Math.min(next + left, ends.length - 1)
    socket.write(content.subarray(next === 0 ? 0 : ends[next - 1], ends[until - 1]))
    left -= until - next
    next = until === ends.length - 1 ? 0 : until
  }
}

/** Offsets just behind each newline. */
function lineEnds(bytes: Buffer): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) found.push(at + 1)
  return found
}
