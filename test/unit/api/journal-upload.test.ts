import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { takeJournal } from '../../../src/api/journal-upload.ts'
import { refuseUnreadable } from '../../../src/api/connections.ts'
import { bearer, fakeApi, OPERATOR, VIEWER } from './fakes.ts'

const entries = (...texts: readonly string[]): string => texts.map((text) => `MESSAGE=${text}\n\n`).join('')

function upload() {
  const body = new PassThrough()
  const closing = new AbortController()
  const taken: string[] = []
  let isHeld = false
  let release = () => undefined as void
  const ingest = async (bytes: Uint8Array) => {
    const texts = Buffer.from(bytes).toString('latin1').match(/text\d+/g) ?? []
    taken.push(...texts)
    if (isHeld) await new Promise<void>((resolve) => (release = resolve))
    return { messages: texts.length, cut: 0 }
  }
  return { body, closing, taken, done: takeJournal({ body, ingest, closing: closing.signal }), hold: () => void (isHeld = true), go: () => {
    isHeld = false
    release()
  } }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what has come in is stored while the body goes on', async () => {
  const { body, taken, done } = upload()
  body.write(entries('text1', 'text2') + 'MESSAGE=te')
  await turn()
  expect(taken).toEqual(['text1', 'text2'])
  body.end('xt3\n\n')
  expect(await done).toEqual({ messages: 3, cut: 0 })
})

test('nothing more is read until what was read is on disk', async () => {
  const { body, taken, done, hold, go } = upload()
  hold()
  body.write(entries('text1'))
  await turn()
  body.write(entries('text2'))
  await turn()
  expect(taken).toEqual(['text1'])
  go()
  body.end()
  expect(await done).toEqual({ messages: 2, cut: 0 })
})

test('bytes that are no journal are told, after what was read before is stored', async () => {
  const { body, taken, done } = upload()
  body.end(`${entries('text1')}{"MESSAGE":"text2"}\n`)
  await expect(done).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('1 messages before that are stored') as string })
  expect(taken).toEqual(['text1'])
})

test('a hub that stops ends the upload', async () => {
  const { body, closing, done } = upload()
  body.write(entries('text1'))
  await turn()
  closing.abort()
  await expect(done).rejects.toMatchObject({ code: 'shutting-down' })
})

test('a sender that goes away leaves what it has sent', async () => {
  const { body, taken, done } = upload()
  body.write(entries('text1') + 'MESSAGE=half')
  await turn()
  body.destroy(new Error('connection reset'))
  expect(await done).toEqual({ messages: 1, cut: 0 })
  expect(taken).toEqual(['text1'])
})

test.for(['/upload', '/api/v1/logs'])('POST %s takes a journal from a node and from an operator', async (url) => {
  const { api, calls } = fakeApi()
  const post = (headers: Record<string, string>, remoteAddress: string) => api.inject({ method: 'POST', url, headers: { ...headers, 'content-type': 'application/vnd.fdo.journal' }, payload: entries('text1'), remoteAddress })
  expect((await post({}, '10.0.0.7')).statusCode).toBe(200)
  expect((await post(bearer(OPERATOR), '192.0.2.1')).statusCode).toBe(200)
  expect(calls.ingests.map(({ address, form }) => [address, form])).toEqual([['10.0.0.7', 'journal'], ['192.0.2.1', 'journal']])
  expect((await post({}, '192.0.2.1')).statusCode).toBe(401)
  expect((await post(bearer(VIEWER), '192.0.2.1')).statusCode).toBe(403)
})

test('POST /upload takes nothing else', async () => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ method: 'POST', url: '/upload', headers: { ...bearer(OPERATOR), 'content-type': 'application/json' }, payload: '{}' })
  expect(reply.statusCode).toBe(415)
  expect(calls.ingests).toEqual([])
})

test('a request that is read as it comes in is not ended for taking long; others are', () => {
  const reasons: unknown[] = []
  const long = new PassThrough()
  const refuse = refuseUnreadable({ add: (_, labels) => void reasons.push(labels) }, new WeakSet([long]))
  const error = Object.assign(new Error('slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
  refuse(error, long)
  expect([long.destroyed, reasons]).toEqual([false, []])
  const other = new PassThrough().on('error', () => undefined)
  refuse(error, other)
  expect([other.destroyed, reasons]).toEqual([true, [{ reason: 'too-slow' }]])
})
