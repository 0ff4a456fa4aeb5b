import { createServer, type AddressInfo } from 'node:net'

/** Prints its port, then after each connection how many newlines it was sent in all. */
let newlines = 0
const server = createServer((socket) => {
  socket.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) newlines++
  })
  socket.on('close', () => process.stdout.write(`${newlines}\n`))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`))
