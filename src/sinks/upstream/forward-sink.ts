import { backoffMs } from '#base/backoff.ts'
import type { Batch } from '#domain/batch.ts'
import { upstreamUrl, type ForwardSinkConfig } from '../config.ts'
import { reasonOf } from '../file/fault-of.ts'
import type { SinkFiles } from '../file/files.ts'
import { createLineBuffer } from '../lines/line-buffer.ts'
import type { Sink, SinkFault, SinksEvent } from '../protocol.ts'
import { createTally } from '../tally.ts'
import { createWalk, type RowMatch } from '../walk.ts'
import { connect, tlsMark, type Connection } from './connection.ts'
import type { Flow, FlowFault, Place } from './flow.ts'
import type { ForwardLog } from './forward-log.ts'
import { createMessageForm, type MessageForm, type UpstreamNames } from './message-form.ts'
import { netFault } from './net-fault.ts'
import { keepPosition, openPosition } from './position.ts'
import { createRelpFlow } from './relp-flow.ts'
import { createStreamFlow } from './stream-flow.ts'

const RETRY = { baseMs: 500, maxMs: 30_000 } as const
/** Bytes handed to a connection at once. */
const CHUNK_BYTES = 64 * 1024
/** A connection that lasted this long, or over which something arrived, is one that works. */
const WORKS_AFTER_MS = 5000

export interface ForwardSinkOptions {
  readonly config: ForwardSinkConfig
  readonly positionPath: string
  readonly files: SinkFiles
  /** `batchAfter` of a log reader that nobody else uses; `settle` lets go of files that were removed. */
  readonly reader: { batchAfter(afterSeq: number): Batch | undefined; settle(): void; close(): void }
  readonly names: UpstreamNames
  readonly hubId: string
  readonly matcher: () => RowMatch
  /** The newest committed seq; undefined: the store is not open yet. */
  readonly committedSeq: () => number | undefined
  readonly clock: () => number
  readonly elapsedMs: () => number
  readonly random: () => number
  readonly tell: (event: SinksEvent) => void
}

interface Link { readonly connection: Connection; readonly flow: Flow; readonly sinceMs: number; isUp: boolean; isEnding: boolean }

/**
 * The forwarder: a cursor that reads the store forward and sends RFC 5424 to another server. The position is what has arrived; whatever happens, the next
 * connection goes on from there, so that a message rather comes twice than not at all. The same message has the same number each time.
 */
export function createForwardSink(options: ForwardSinkOptions): Sink {
  const { config, files, reader, committedSeq, clock, elapsedMs, tell } = options
  const { name } = config
  const url = upstreamUrl(config)
  const tally = createTally({ name, clock, committedSeq })
  const walk = createWalk(options)
  const positions = openPosition({ files, path: options.positionPath, elapsedMs })
  const message = createLineBuffer()
  const out = createLineBuffer()
  const counts = { connections: 0, sent: 0, resent: 0, looped: 0 }
  const log: ForwardLog = (level, text, fields = {}) => tell({ kind: 'log', level, fields: { sink: name, to: url, ...fields }, message: text })
  const keep = keepPosition({ positions, log, noted: tally.noted })
  let stream: { readonly id: string; readonly form: MessageForm } | undefined
  /** Read and sent up to here; what arrived may be less. */
  let cursor: Place | undefined
  let isNew = false
  let arrived: Place = { seq: 0, count: 0 }
  /** Lost ranges are told up to here. */
  let lostUpto = 0
  let sentUpto = 0
  let link: Link | undefined
  let attempts = 0
  let retryAtMs = -Infinity
  let isFinishing = false
  let isRenewing = false
  let connectedMs = 0
  let mark: string | undefined
  let wake: () => void = () => undefined

  function fail({ fault, reason }: FlowFault): void {
    attempts++
    retryAtMs = elapsedMs() + backoffMs(attempts, options.random(), RETRY)
    if (attempts === 1) log('warn', 'A forwarder has stopped; it goes on by itself when it can', { fault, reason, seq: arrived.seq })
    tally.failed(fault, reason)
  }

  function works(): void {
    if (attempts > 0) log('info', 'The forwarder goes on', { seq: arrived.seq, backlog: tally.status().backlog })
    attempts = 0
  }

  /** Where to go on is on disk, or begins here. */
  function begin(newest: number): Place {
    const found = positions.read()
    const id = found?.stream ?? Math.floor(options.random() * 0x1_0000_0000).toString(16).padStart(8, '0')
    stream = { id, form: createMessageForm(options.names, { hubId: options.hubId, stream: id }) }
    isNew = found === undefined && config.start === 'oldest'
    let place: Place = found ?? { seq: config.start === 'now' ? newest : 0, count: 0 }
    if (place.seq > newest) {
      log('warn', 'The store is behind the forwarder (it was restored); it goes on with what comes', { seq: place.seq, store: newest })
      place = { seq: newest, count: place.count }
    }
    lostUpto = place.seq
    sentUpto = place.count
    return place
  }

  function save(when: 'due' | 'now'): void {
    if (stream !== undefined && !isNew) keep({ stream: stream.id, ...arrived }, when)
  }

  /** Takes note of what has arrived. */
  function move(to: Place): void {
    if (to.seq === arrived.seq) return
    tally.wrote(Math.max(0, to.count - arrived.count), 0)
    if (to.count > arrived.count && config.transport === 'relp') works()
    arrived = to
    tally.moved(arrived.seq)
    save('due')
  }

  function closed(of: Link, fault: FlowFault, how: 'broken' | 'in order'): void {
    if (link !== of) return
    if (how === 'in order') of.flow.ended()
    move(of.flow.arrived())
    link = undefined
    cursor = arrived
    isRenewing = false
    if (of.isEnding) wake()
    else fail(fault)
  }

  function open(from: Place): void {
    const flow = config.transport === 'relp'
      ? createRelpFlow({ from, window: config.window, elapsedMs })
      : createStreamFlow({ from, elapsedMs, waitingBytes: () => made?.connection.waitingBytes ?? 0 })
    let made: Link | undefined
    const connection = connect(config, {
      onOpen() {
        if (made === undefined || link !== made) return
        if (flow.greeting !== undefined) made.connection.write(flow.greeting)
        up(made)
      },
      onData(chunk) {
        if (made === undefined || link !== made) return
        const fault = flow.take(chunk)
        up(made)
        move(flow.arrived())
        if (fault !== undefined) made.connection.destroy(fault)
        else wake()
      },
      onDrain: () => wake(),
      onClosed: (fault, how) => made !== undefined && closed(made, fault, how),
    })
    made = { connection, flow, sinceMs: elapsedMs(), isUp: false, isEnding: false }
    link = made
    mark = tlsMark(config.tls)
  }

  /** The server takes messages now. */
  function up(of: Link): void {
    if (of.isUp || !of.flow.isOpen) return
    of.isUp = true
    counts.connections++
    connectedMs = clock()
    tally.works()
    wake()
  }

  /** Fills the connection. @returns whether there is more to read at once */
  function fill({ connection, flow }: Link, from: Place, newest: number): boolean {
    let { count } = from
    out.length = 0
    const walked = walk.go({
      afterSeq: isNew ? undefined : from.seq,
      uptoSeq: newest,
      visit(batch, row) {
        if (out.length >= CHUNK_BYTES || !flow.hasRoom()) return false
        message.length = 0
        if (!stream!.form(message, batch, row, count + 1)) {
          counts.looped++
          return true
        }
        count++
        flow.frame(out, message.bytes.subarray(0, message.length), { seq: batch.seqs?.[row] ?? batch.firstSeq + row, count })
        return true
      },
    })
    isNew = false
    cursor = { seq: walked.seq, count }
    flow.passed(cursor)
    hand(connection, count - from.count, count)
    for (const range of walked.lost.filter(({ toSeq }) => toSeq > lostUpto)) {
      lostUpto = range.toSeq
      tally.lost(range)
      log('warn', 'Messages were no longer stored when a forwarder came to them', { from_seq: range.fromSeq, to_seq: range.toSeq })
    }
    return walked.seq < newest && flow.hasRoom()
  }

  function hand(connection: Connection, messages: number, upto: number): void {
    if (out.length === 0) return
    connection.write(Buffer.from(out.bytes.subarray(0, out.length)))
    counts.sent += messages
    counts.resent += Math.min(messages, Math.max(0, sentUpto - (upto - messages)))
    sentUpto = Math.max(sentUpto, upto)
    tally.wrote(0, out.length)
  }

  /** Ends a connection in order once nothing is on the way. */
  function leave(of: Link): void {
    if (of.isEnding || (config.transport === 'relp' && of.flow.inFlight > 0)) return
    of.isEnding = true
    if (of.flow.farewell !== undefined) of.connection.write(of.flow.farewell)
    of.connection.end()
  }

  function reach(place: Place): false {
    if (isFinishing) return false
    if (attempts > 0) reader.settle()
    try {
      open(place)
    } catch (error) {
      fail(netFault(error))
    }
    return false
  }

  function advance(of: Link, place: Place, newest: number): boolean {
    const overdue = of.flow.overdue()
    if (overdue !== undefined) of.connection.destroy(overdue)
    if (overdue !== undefined || !of.isUp || of.isEnding) return false
    if (attempts > 0 && elapsedMs() - of.sinceMs >= WORKS_AFTER_MS) works()
    if (isRenewing) leave(of)
    const isMore = !of.isEnding && !isRenewing && (place.seq < newest ? fill(of, place, newest) : false)
    move(of.flow.arrived())
    return isMore
  }
  function oldestMs(): number | undefined {
    if (cursor === undefined || arrived.seq >= (committedSeq() ?? 0)) return undefined
    try {
      return walk.receivedAfter(config.transport === 'relp' ? arrived.seq : cursor.seq)
    } catch {
      return undefined // the next step tells
    }
  }

  return {
    step() {
      const newest = committedSeq()
      if (newest === undefined || (link === undefined && elapsedMs() < retryAtMs)) return false
      try {
        if (cursor === undefined) {
          cursor = begin(newest)
          arrived = cursor
          tally.moved(isNew ? undefined : arrived.seq)
        }
        const isMore = link === undefined ? reach(cursor) : advance(link, cursor, newest)
        save('due')
        return isMore
      } catch (error) {
        const fault = { fault: 'store' satisfies SinkFault, reason: reasonOf(error) } as const
        if (link === undefined) fail(fault)
        else link.connection.destroy(fault)
        return false
      }
    },
    reopen() {
      retryAtMs = -Infinity
      isRenewing = link !== undefined && tlsMark(config.tls) !== mark
      if (isRenewing) log('info', 'The certificates of a forwarder have changed; it makes a new connection')
    },
    follow: (work) => void (wake = work),
    finish() {
      isFinishing = true
      if (link?.isUp === true) leave(link)
    },
    get isBusy() {
      return link !== undefined && link.isUp
    },
    status() {
      const known = tally.status()
      const isUp = link?.isUp === true
      const upstream = { connectedMs: isUp ? connectedMs : undefined, ...counts, inFlight: link?.flow.inFlight ?? 0, oldestMs: oldestMs() }
      // over TCP the position stays behind what was sent
      const backlog = Math.max(0, (committedSeq() ?? 0) - ((config.transport === 'relp' ? arrived : cursor)?.seq ?? 0))
      return { ...known, backlog, upstream }
    },
    close() {
      link?.connection.destroy({ fault: 'closed', reason: 'the hub stops' })
      if (link !== undefined) move(link.flow.arrived())
      link = undefined
      save('now')
      reader.close()
    },
  }
}
