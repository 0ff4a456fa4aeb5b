import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { run } from '../support/child.ts'
import { aHub, ROOT, untilFound, type RunningHub } from '../support/hub.ts'
import { sendTcp } from '../support/senders.ts'

const hps = (hub: RunningHub, args: readonly string[]) => run(join(ROOT, 'hps'), ['--url', hub.url, '--token-file', join(hub.data, 'operator.token'), ...args])
const framed = (frames: readonly Buffer[]): Buffer => Buffer.concat(frames.flatMap((frame) => [Buffer.from(`${frame.length} `), frame]))

/** Newlines, bytes that are no text, and a frame that looks like the start of another. */
const FRAMES = ['<13>1 - tch-301 app - - - exportword one\nand a second line', '<13>1 - tch-301 app - - - exportword \u0000\u0001 12 <13>', ...Array.from({ length: 300 }, (_, i) => `<30>1 - tch-302 app ${i} - - exportword number ${i}`)].map((text) => Buffer.from(text))

test('what was received is exported byte for byte, and can be sent to another hub as it is', async () => {
  await using first = await aHub()
  await sendTcp(first.syslogPort, [framed(FRAMES)])
  await untilFound(first, 'exportword', FRAMES.length)
  const file = join(first.folder, 'all.syslog')
  const saved = await hps(first, ['export', 'exportword', '-o', 'raw', '--framing', 'octet-counting', '-f', file])
  expect(saved).toMatchObject({ code: 0 })
  expect(readFileSync(file).equals(framed(FRAMES))).toBe(true)

  await using second = await aHub()
  await sendTcp(second.syslogPort, [readFileSync(file)])
  await untilFound(second, 'exportword', FRAMES.length)
  const again = await second.get('/api/v1/logs/export?q=exportword&form=raw&framing=octet-counting&compress=zstd')
  expect(zstdDecompressSync(Buffer.from(await again.arrayBuffer())).equals(framed(FRAMES))).toBe(true)
})

test('a compressed file of lines has each message once, in order, and counts agree with it', async () => {
  await using hub = await aHub()
  await sendTcp(hub.syslogPort, [framed(FRAMES)])
  await untilFound(hub, 'exportword', FRAMES.length)
  const file = join(hub.folder, 'all.ndjson.gz')
  expect(await hps(hub, ['export', 'node:tch-302', '-o', 'ndjson', '-z', 'gzip', '-f', file])).toMatchObject({ code: 0 })
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as { readonly text: string })
  expect(lines.map(({ text }) => text)).toEqual(Array.from({ length: 300 }, (_, i) => `exportword number ${i}`))
  expect(await hps(hub, ['count', 'node:tch-302', '--by', 'app', '-o', 'json'])).toMatchObject({ code: 0, output: '{"app":"app","count":300}\n' })
  const top = await hps(hub, ['top', 'node:tch-302', '-o', 'json'])
  expect(JSON.parse(top.output)).toMatchObject({ count: 300, share: 1, pattern: 'exportword number *' })
})
