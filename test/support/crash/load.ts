import { createSocket } from 'node:dgram'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunningHub } from '../hub.ts'
import { openTcp } from '../senders.ts'

/**
 * Senders for a hub that is about to be killed. Each line says its round, sender and number, so that afterwards every one
 * can be told from every other, and the order of each sender is known. HTTP lines are acknowledged after the sync; TCP
 * lines and datagrams are not by anyone.
 */
export const HTTP_SENDERS = 3
export const TCP_SENDER = 8
export const UDP_SENDER = 9
const LINES_PER_POST = 20
const TICK_MS = 10
const TCP_PER_SECOND = 16_000
const UDP_PER_SECOND = 2000

export const line = ({ round, sender, n }: Id): string => `r${round}. s${sender}. n${n}. ${'payload '.repeat((n % 7) + 1)}end`
export interface Id { readonly round: number; readonly sender: number; readonly n: number }

/** What was sent in a round before the hub was gone. */
export interface Sent {
  /** Per HTTP sender: how many of its lines, from number 0 on, were acknowledged. */
  readonly acknowledged: readonly number[]
  /** Lines and datagrams handed to the kernel; how many of them the hub got is not known. */
  readonly unacknowledged: number
  readonly millis: number
}

/** Sends in all three ways until the hub is gone. */
export async function loadUntilKilled(hub: RunningHub, round: number): Promise<Sent> {
  const startMs = performance.now()
  const [unacknowledged, ...acknowledged] = await Promise.all([floodUntilKilled(hub, round), ...Array.from({ length: HTTP_SENDERS }, (_, sender) => postUntilKilled(hub, { round, sender }))])
  return { acknowledged, unacknowledged, millis: performance.now() - startMs }
}

/** @returns how many lines were acknowledged */
async function postUntilKilled(hub: RunningHub, { round, sender }: Pick<Id, 'round' | 'sender'>): Promise<number> {
  for (let n = 0; ; n += LINES_PER_POST) {
    try {
      const response = await hub.post(Array.from({ length: LINES_PER_POST }, (_, i) => `crashword ${line({ round, sender, n: n + i })}`))
      if (!response.ok) throw new Error(`refused: ${response.status} ${await response.text()}`)
    } catch (error) {
      if (hub.child.running() && !hub.child.process.killed) throw error
      return n
    }
  }
}

/** Keeps commits, seals and rotations busy. */
async function floodUntilKilled(hub: RunningHub, round: number): Promise<number> {
  const tcp = await openTcp(hub.syslogPort).catch(() => undefined)
  const udp = createSocket('udp4')
  tcp?.on('error', () => undefined)
  udp.on('error', () => undefined)
  const frame = (sender: number, n: number): string => `<13>1 - tch-${n % 8} loadword - - - ${line({ round, sender, n })}`
  const startMs = performance.now()
  let [tcpSent, udpSent] = [0, 0]
  while (hub.child.running()) {
    const seconds = (performance.now() - startMs) / 1000
    const [tcpDue, udpDue] = [Math.floor(seconds * TCP_PER_SECOND), Math.floor(seconds * UDP_PER_SECOND)]
    if (tcp !== undefined && !tcp.destroyed && !tcp.writableNeedDrain && tcpDue > tcpSent) {
      tcp.write(Array.from({ length: tcpDue - tcpSent }, (_, i) => `${frame(TCP_SENDER, tcpSent + i)}\n`).join(''))
      tcpSent = tcpDue
    }
    for (; udpSent < udpDue; udpSent++) udp.send(frame(UDP_SENDER, udpSent), hub.syslogPort, '127.0.0.1', () => undefined)
    await delay(TICK_MS)
  }
  tcp?.destroy()
  udp.close()
  return tcpSent + udpSent
}
