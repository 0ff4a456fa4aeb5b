import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { dropsIn, readKernelDrops } from '../../../../src/ingest/listeners/kernel-drops.ts'

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  423: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 0000000000000000 17
  424: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 12346 2 0000000000000000 4
  425: 00000000:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 12347 2 0000000000000000 5
`

const TABLE_6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1136: 00000000000000000000000000000000:158A 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12348 2 0000000000000000 6
 1137: B80D0120000000000000000001000000:158A 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12349 2 0000000000000000 7
`

test.for([
  { address: '0.0.0.0', port: 514, drops: 17, table: TABLE },
  { address: '0.0.0.0', port: 5514, drops: 5, table: TABLE },
  { address: '127.0.0.1', port: 5514, drops: 4, table: TABLE },
  { address: '127.0.0.1', port: 138, drops: 0, table: TABLE },
  { address: '::', port: 5514, drops: 6, table: TABLE_6 },
  { address: '2001:db8::1', port: 5514, drops: 7, table: TABLE_6 },
  { address: '2001:db8:0:0:0:0:0:1%eth0', port: 5514, drops: 7, table: TABLE_6 },
])('$address port $port has lost $drops datagrams', ({ address, port, drops, table }) => {
  expect(dropsIn(table, { address, port })).toBe(drops)
})

test('a socket that is not read loses datagrams, and the kernel says how many', async () => {
  const receiver = createSocket('udp4').bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  receiver.setRecvBufferSize(4096)
  const { address, port } = receiver.address()
  const place = { address, port }
  const sender = createSocket('udp4')
  const before = readKernelDrops(place)
  const sent = Array.from({ length: 200 }, () => new Promise((resolve) => sender.send(Buffer.alloc(1000), port, '127.0.0.1', resolve)))
  let received = 0
  receiver.on('message', () => received++)
  await Promise.all(sent)
  while (received + readKernelDrops(place)! < 200) await new Promise((resolve) => setImmediate(resolve))
  expect(before).toBe(0)
  expect(received + readKernelDrops(place)!).toBe(200)
  sender.close()
  receiver.close()
})
