import { createReadStream, openSync, readSync, statSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * A load generator in a process of its own: sends a pre-rendered file over one TCP connection, as often as asked.
 *   node send-tcp.ts <port> <file> <times> [<last line>]
 * Prints one JSON line: bytes, wall time until the last byte was taken by the kernel, own CPU time.
 */
const CHUNK_BYTES = 1 << 20
/** Files up to this size are read once and sent from memory, so that a repetition costs no read. */
const IN_MEMORY_BYTES = 512 * 1024 * 1024

const [port, file, times, lastLine] = process.argv.slice(2)
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
await new Promise<void>((resolve, reject) => socket.once('connect', () => resolve()).once('error', reject))
const startMs = performance.now()
let bytes = 0

const send = (chunk: Uint8Array): Promise<void> | undefined => {
  bytes += chunk.length
  return socket.write(chunk) ? undefined : new Promise((resolve) => socket.once('drain', resolve))
}

const size = statSync(file!).size
if (size <= IN_MEMORY_BYTES) {
  const content = Buffer.allocUnsafe(size)
  readSync(openSync(file!, 'r'), content)
  for (let i = 0; i < Number(times); i++) {
    for (let at = 0; at < size; at += CHUNK_BYTES) await send(content.subarray(at, at + CHUNK_BYTES))
  }
} else {
  for (let i = 0; i < Number(times); i++) {
    for await (const chunk of createReadStream(file!, { highWaterMark: CHUNK_BYTES })) await send(chunk as Buffer)
  }
}
if (lastLine !== undefined) await send(Buffer.from(`${lastLine}\n`))
await new Promise<void>((resolve) => socket.end(() => resolve()))
const { user, system } = process.cpuUsage()
process.stdout.write(`${JSON.stringify({ bytes, wallMs: performance.now() - startMs, cpuSeconds: (user + system) / 1e6 })}\n`)
