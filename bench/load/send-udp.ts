import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'

/**
 * One UDP sender in a process of its own, paced: every millisecond it sends what is due by then (bursts of a thousandth of the rate).
 *   node send-udp.ts <port> <file> <per second> <seconds>
 * Prints one JSON line: datagrams sent and refused by the own kernel, wall time, own CPU time.
 */
const [port, file, perSecond, seconds] = process.argv.slice(2)
const frames = splitLines(readFileSync(file!))
const total = Number(perSecond) * Number(seconds)
const socket = createSocket({ type: 'udp4', sendBufferSize: 4 << 20 })
await new Promise<void>((resolve) => socket.connect(Number(port), '127.0.0.1', resolve))
let failed = 0
// Without a callback a send costs a third; what the kernel refuses is an `error` event then.
socket.on('error', () => void failed++)

const startMs = performance.now()
let sent = 0
await new Promise<void>((resolve) => {
  const step = (): void => {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * Number(perSecond)))
    for (; sent < due; sent++) socket.send(frames[sent % frames.length]!)
    if (sent < total) setTimeout(step, 1)
    else if (socket.getSendQueueCount() > 0) setImmediate(step)
    else resolve()
  }
  step()
})
const wallMs = performance.now() - startMs
socket.close()
const { user, system } = process.cpuUsage()
process.stdout.write(`${JSON.stringify({ sent: sent - failed, failed, wallMs, cpuSeconds: (user + system) / 1e6 })}\n`)

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at)
    lines.push(bytes.subarray(at, end))
    at = end + 1
  }
  return lines
}
