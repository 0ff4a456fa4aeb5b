import { get, type ClientRequest } from 'node:http'
import type { RunningHub } from './hub.ts'

/** A live tail as a program follows it: what it got and what it was told it missed. Kept cheap, since a test has hundreds of them. */
export interface TailReader {
  readonly query: string
  /** Texts of the messages, in the order they came. */
  readonly texts: string[]
  readonly skipped: { readonly fromSeq: number; readonly toSeq: number; readonly count: number }[]
  close(): void
}

/** Resolves when the stream is open. */
export async function followTail(hub: RunningHub, query: string): Promise<TailReader> {
  const texts: string[] = []
  const skipped: TailReader['skipped'] = []
  const url = `${hub.url}/api/v1/logs/stream?${new URLSearchParams({ q: query }).toString()}`
  let request: ClientRequest | undefined
  let pending = ''
  await new Promise<void>((resolve, reject) => {
    request = get(url, { agent: false, headers: { authorization: `Bearer ${hub.token}`, accept: 'text/event-stream' } }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${query}: ${response.statusCode}`))
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        const blocks = (pending + chunk).split('\n\n')
        pending = blocks.pop()!
        for (const block of blocks) {
          const [, event, data] = /^event: (.*)\ndata: (.*)$/m.exec(block) ?? []
          if (event === 'message') texts.push((JSON.parse(data!) as { readonly text: string }).text)
          else if (event === 'skipped') skipped.push(JSON.parse(data!) as TailReader['skipped'][number])
        }
        resolve()
      })
      response.on('error', () => undefined) // closed by the test
    })
    request.once('error', reject)
  })
  return { query, texts, skipped, close: () => void request?.destroy() }
}
