import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * A load generator in a process of its own: sends messages of a pre-rendered file over one TCP connection at a steady pace, until SIGTERM.
 *   node send-paced.ts <port> <file> <per second>
 * Prints `sending`, after each second how many messages it has written, and at the end one JSON line: messages written and taken by the kernel, own CPU time.
 */
const TICK_MS = 5
const [port, file, perSecond] = process.argv.slice(2)
const content = readFileSync(file!)
const ends = lineEnds(content)
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
await new Promise<void>((resolve, reject) => socket.once('connect', () => resolve()).once('error', reject))
process.stdout.write('sending\n')

const startMs = performance.now()
let due = 0
let written = 0
let reported = 0
const timer = setInterval(() => {
  const elapsedMs = performance.now() - startMs
  const nowDue = Math.floor((elapsedMs / 1000) * Number(perSecond))
  // A receiver that does not read is not flooded with a backlog afterwards: what could not be sent in its time is left out.
  if (!socket.writableNeedDrain) sendLines(nowDue - due)
  due = nowDue
  if (elapsedMs - reported >= 1000) {
    reported = elapsedMs
    process.stdout.write(`${written}\n`)
  }
}, TICK_MS)

process.once('SIGTERM', () => {
  clearInterval(timer)
  socket.end(() => {
    const { user, system } = process.cpuUsage()
    process.stdout.write(`${JSON.stringify({ sent: written, wallMs: performance.now() - startMs, cpuSeconds: (user + system) / 1e6 })}\n`, () => process.exit(0))
  })
})

let next = 0
function sendLines(count: number): void {
  for (let left = count; left > 0; ) {
    const until = Math.min(next + left, ends.length)
    socket.write(content.subarray(next === 0 ? 0 : ends[next - 1], ends[until - 1]))
    left -= until - next
    written += until - next
    next = until === ends.length ? 0 : until
  }
}

/** Offsets just behind each newline. */
function lineEnds(bytes: Buffer): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) found.push(at + 1)
  return found
}
