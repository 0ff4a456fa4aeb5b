import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface TakenPost { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }

export interface WebReceiver extends AsyncDisposable {
  readonly port: number
  readonly posts: readonly TakenPost[]
  /** What came to a path so far. */
  to(path: string): readonly TakenPost[]
}

/** A web server that keeps what is posted to it; `answer` says what is answered, 204 where it answers nothing. */
export async function startWebReceiver(answer: (post: TakenPost, response: ServerResponse) => boolean = () => false, tls?: { readonly cert: string; readonly key: string }): Promise<WebReceiver> {
  const posts: TakenPost[] = []
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const post = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
      posts.push(post)
      if (!answer(post, response)) response.writeHead(204).end()
    })
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, posts, to: (path) => posts.filter((post) => post.path === path),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
