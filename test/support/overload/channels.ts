import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** How a sender hands messages over. `send` resolves when it may be given more: that is where the hub slows a sender. */
export interface Channel {
  /** Frames, in order. Throws when what was sent before may be lost. */
  send(frames: readonly string[]): Promise<void>
  /** Closes in order; resolves when everything was handed over, and where the protocol says so, acknowledged. */
  end(): Promise<void>
}

export interface Where {
  readonly way: 'udp' | 'tcp' | 'tls' | 'unix' | 'relp' | 'http'
  readonly port: number
  /** Loopback address to send from. */
  readonly from: string
  /** Of the unix socket. */
  readonly path?: string
  /** HTTP: who is allowed to log. */
  readonly token?: string
}

export const openChannel = (where: Where): Promise<Channel> => OPENERS[where.way](where)

const OPENERS: Readonly<Record<Where['way'], (where: Where) => Promise<Channel>>> = {
  udp: openUdp,
  relp: openRelp,
  http: (where) => Promise.resolve(openHttp(where)),
  tcp: async ({ port, from }) => lines(await connected(connect({ port, host: '127.0.0.1', localAddress: from }))),
  unix: async ({ path }) => lines(await connected(connect(path!))),
  async tls({ port, from }) {
    const socket = await connected(connect({ port, host: '127.0.0.1', localAddress: from }))
    const secure = connectTls({ socket, rejectUnauthorized: false })
    await once(secure, 'secureConnect')
    return lines(secure)
  },
}

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect')
  return socket
}

/** Resolves with false when the connection has broken. */
const drained = (socket: Socket): Promise<unknown> | undefined => (socket.writableNeedDrain ? once(socket, 'drain') : undefined)

/** Octet-counted frames (RFC 6587 section 3.4.1) over a stream. */
function lines(socket: Socket): Channel {
  socket.resume()
  const closed = once(socket, 'close')
  return {
    async send(frames) {
      socket.write(frames.map((frame) => `${frame.length} ${frame}`).join('')) // ASCII: characters are bytes
      await drained(socket)
    },
    async end() {
      socket.end()
      await closed
    },
  }
}

async function openUdp({ port, from }: Where): Promise<Channel> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, from, resolve))
  await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve))
  let open = 0
  let failure: Error | undefined
  const done = (error: Error | null): void => {
    open--
    failure ??= error ?? undefined
  }
  return {
    async send(frames) {
      for (const frame of frames) {
        open++
        socket.send(frame, done)
      }
      while (open > 0) await new Promise<void>((resolve) => setImmediate(resolve))
      if (failure !== undefined) throw failure
    },
    end() {
      socket.close()
      return Promise.resolve()
    },
  }
}

/** Messages that were sent and not answered yet; librelp's own. */
const RELP_WINDOW = 128
const FIRST_MESSAGE = 2

async function openRelp({ port, from }: Where): Promise<Channel> {
  const socket = await connected(connect({ port, host: '127.0.0.1', localAddress: from }))
  const heard = createRelpAnswers(socket)
  let sent = FIRST_MESSAGE - 1
  const offers = 'relp_version=0\nrelp_software=test\ncommands=syslog'
  socket.write(`1 open ${offers.length} ${offers}\n`)
  await heard.upTo(1)
  return {
    async send(frames) {
      for (const frame of frames) {
        await heard.upTo(sent + 1 - RELP_WINDOW)
        socket.write(`${++sent} syslog ${frame.length} ${frame}\n`)
      }
    },
    async end() {
      await heard.upTo(sent)
      socket.destroy()
    },
  }
}

/** The highest transaction that was answered with 200; answers come in order. */
function createRelpAnswers(socket: Socket): { upTo(transaction: number): Promise<void> } {
  let [answered, text] = [0, '']
  let wake: () => void = () => undefined
  let failure: Error | undefined
  const fail = (why: string): void => {
    failure ??= new Error(why)
    wake()
  }
  socket.on('error', (error) => fail(error.message))
  socket.on('close', () => fail('the hub has closed the connection'))
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    for (;;) {
      const [head, number, length] = /^(\d+) rsp (\d+) /.exec(text) ?? []
      if (head === undefined || text.length < head.length + Number(length) + 1) break
      if (!text.startsWith('200', head.length)) fail(`answered with ${text.slice(head.length, head.length + Number(length))}`)
      answered = Number(number)
      text = text.slice(head.length + Number(length) + 1)
    }
    wake()
  })
  return {
    async upTo(transaction) {
      while (answered < transaction) {
        if (failure !== undefined) throw failure
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

const AGAIN_MS = 100

/** Bodies of lines; each is answered once it is on disk. One that is refused for now is sent again. */
function openHttp({ port, from, token }: Where): Channel {
  const agent = new Agent({ keepAlive: true, localAddress: from })
  const post = async (body: string): Promise<void> => {
    for (;;) {
      const { status, text } = await ask({ agent, port, body, token: token! })
      if (status === 200) return
      if (status !== 429 && status !== 503) throw new Error(`${status} ${text}`)
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
  return {
    send: (frames) => post(`${frames.join('\n')}\n`),
    end() {
      agent.destroy()
      return Promise.resolve()
    },
  }
}

const ask = ({ agent, port, body, token }: { readonly agent: Agent; readonly port: number; readonly body: string; readonly token: string }): Promise<{ readonly status: number | undefined; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/plain', 'content-length': body.length, authorization: `Bearer ${token}` }
    const asked = request({ agent, host: '127.0.0.1', port, method: 'POST', path: '/api/v1/logs', headers }, (response) => {
      let text = ''
      response.setEncoding('latin1').on('data', (chunk: string) => (text += chunk)).on('end', () => resolve({ status: response.statusCode, text })).on('error', reject)
    })
    asked.on('error', reject).end(body)
  })
