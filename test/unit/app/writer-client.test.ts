import { expect, test, vi } from 'vitest'
import { createWriterClient, valueOf } from '../../../src/app/threads/writer-client.ts'
import type { WriterCommand } from '#sessions/index.ts'

test('each reply finds its question, whatever the order', async () => {
  const posted: WriterCommand[] = []
  const client = createWriterClient((command) => posted.push(command))
  const [first, second] = [client.ask({ kind: 'flush' }), client.ask({ kind: 'identify', name: 'tch-001' })]
  client.onReply({ kind: 'reply', id: posted[1]!.id, ok: true, nodeId: 7 })
  client.onReply({ kind: 'reply', id: posted[0]!.id, ok: true })
  expect(await second).toMatchObject({ nodeId: 7 })
  expect(valueOf(await first)).toMatchObject({ ok: true })
})

test('a refusal is a fault that callers know; what is open when the hub stops is told so', async () => {
  const posted: WriterCommand[] = []
  const client = createWriterClient((command) => posted.push(command))
  const refused = client.ask({ kind: 'forget', nodeId: 1 })
  client.onReply({ kind: 'reply', id: posted[0]!.id, ok: false, code: 'not-found', reason: 'there is no node 1' })
  expect(() => valueOf(({ kind: 'reply', id: 1, ok: false, code: 'not-found', reason: 'there is no node 1' }))).toThrow('there is no node 1')
  expect(await refused).toMatchObject({ ok: false })
  const open = client.ask({ kind: 'flush' })
  client.abandon()
  await expect(open).rejects.toMatchObject({ code: 'shutting-down' })
})

test('questions under way are bounded', async () => {
  const client = createWriterClient(() => undefined)
  const open = Array.from({ length: 10_000 }, () => client.ask({ kind: 'flush' }).catch(() => 'ended'))
  await expect(client.ask({ kind: 'flush' })).rejects.toMatchObject({ code: 'too-many' })
  client.abandon()
  expect(new Set(await Promise.all(open))).toEqual(new Set(['ended']))
})

test('a writer that waits for the disk does not keep readers: a flush is answered after a second, a change only when it is made', async () => {
  vi.useFakeTimers()
  try {
    const posted: WriterCommand[] = []
    const client = createWriterClient((command) => posted.push(command))
    const answered: string[] = []
    void client.ask({ kind: 'flush' }).then(() => answered.push('flush'))
    void client.ask({ kind: 'forget', nodeId: 1 }).then(() => answered.push('forget'))
    await vi.advanceTimersByTimeAsync(999)
    expect(answered).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(answered).toEqual(['flush'])
    expect(client.pending).toBe(2)
    for (const { id } of posted) client.onReply({ kind: 'reply', id, ok: true })
    await vi.advanceTimersByTimeAsync(0)
    expect([answered, client.pending]).toEqual([['flush', 'forget'], 0])
  } finally {
    vi.useRealTimers()
  }
})
