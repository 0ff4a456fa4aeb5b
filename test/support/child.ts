import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A peer or the hub as a child process, with all it printed. */
export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  /** Everything on stdout and stderr so far, in order. */
  output(): string
  stdout(): string
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  running(): boolean
  /** SIGTERM, and SIGKILL when that is not obeyed within 10 s. */
  stop(): Promise<number | string>
}

export interface ChildOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

export function startChild(command: string, args: readonly string[], { cwd, env }: ChildOptions = {}): Child {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let all = ''
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => void ((all += chunk.toString()), (out += chunk.toString())))
  child.stderr.on('data', (chunk: Buffer) => void (all += chunk.toString()))
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${command} could not be started`, { cause })))
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  ended.catch(() => undefined) // whoever awaits it hears of it
  const running = (): boolean => child.exitCode === null && child.signalCode === null && child.pid !== undefined
  return {
    pid: child.pid ?? -1,
    process: child,
    output: () => all,
    stdout: () => out,
    ended,
    running,
    async stop() {
      if (!running()) return ended
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      return ended.finally(() => clearTimeout(timer))
    },
  }
}

/** Runs a command to its end; the exit code and all output are the answer. One that takes longer than `withinMs` is killed and answers with the signal. */
export async function run(command: string, args: readonly string[], { withinMs = 120_000, ...options }: ChildOptions & { readonly withinMs?: number } = {}): Promise<{ readonly code: number | string; readonly output: string; readonly stdout: string }> {
  const child = startChild(command, args, options)
  const timer = setTimeout(() => child.process.kill('SIGKILL'), withinMs)
  const code = await child.ended.finally(() => clearTimeout(timer))
  return { code, output: child.output(), stdout: child.stdout() }
}

/** A port that was free for TCP and UDP a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer()
    await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(0, '127.0.0.1', resolve))
    const { port } = tcp.address() as AddressInfo
    const udp = createSocket('udp4')
    const isFree = await new Promise<boolean>((resolve) => udp.once('error', () => resolve(false)).bind(port, '127.0.0.1', () => resolve(true)))
    udp.close()
    await new Promise((resolve) => tcp.close(resolve))
    if (isFree) return port
  }
}

/** Asks until the answer is not undefined or false; fails with `what` and the last error when it takes longer than `withinMs`. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false> | T | undefined | false, { withinMs = 20_000, everyMs = 50 } = {}): Promise<T> {
  const deadline = performance.now() + withinMs
  let last: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for: ${what}`, { cause: last })
    await delay(everyMs)
  }
}
