import type { Batch } from '#domain/batch.ts'
import { hear } from '#domain/silence.ts'
import { createPlannedRecords, createRhythmRecords, type HubDatabase } from '#store/index.ts'
import type { SilenceConfig } from '../config.ts'
import type { Parts } from '../lifecycle.ts'
import type { Sources } from '../sources.ts'
import type { SourceState } from '../state.ts'
import type { Touched } from '../tagger.ts'
import { decideSilences, MAX_TOLD_A_MINUTE } from './decide.ts'
import { expectNode, expectSource, type Expectation } from './expectation.ts'
import { Heard, restoreHeard } from './heard.ts'
import { createPlanned, isAbout } from './planned.ts'
import { silenceSettings } from './settings.ts'
import { isSpokenRow, spokenIn } from './speakers.ts'
import { createTold } from './told.ts'

/** A rhythm that is known for some minutes is written down this often: what a crash takes of it is a minute of learning. */
const SAVE_EVERY_MS = 60_000
/** Ticks come every second; after a longer pause the hub stood still, and who was silent meanwhile is not known. */
const STALL_MS = 15_000
/** Whoever is silent for so long is gone: nobody waits for it any more. */
const GIVE_UP_MS = 30 * 86_400_000
const MINUTE_MS = 60_000

/** Who has stopped, by its own learned rhythm. Costs per batch and touched source or session; nothing per row. */
export interface Silence {
  /** The batch is on disk; `touched` is not counted yet. */
  observe(batch: Batch, touched: Touched): void
  /** Rows committed before a crash. */
  recount(batch: Batch, fromRow: number): void
  /** The disk refused a batch: who spoke is not known. */
  stalled(): void
  /** Decides who is silent. Call it about once a second. */
  tick(nowMs: number): void
  /** Planned work was changed. */
  replan(nowMs: number): void
  /** Nothing is expected any more; whoever speaks again is learned anew. False: it was never heard. */
  forget(subject: 'node' | 'source', id: number, nowMs: number): boolean
  /** Silences that hub.db does not have yet: part of the next transaction. */
  readonly hasNews: boolean
  writeNews(): void
  newsWritten(): void
  /** Rhythms; part of the flush. */
  write(): void
  written(): void
  /** The next `write` writes all. */
  close(): void
}

interface Options { readonly db: HubDatabase; readonly parts: Parts; readonly sources: Sources; readonly config: SilenceConfig; readonly nowMs: number }

export function createSilence({ db, parts: { directory, counters, emit }, sources, config, nowMs: startMs }: Options): Silence {
  const records = createRhythmRecords(db)
  const settings = silenceSettings(config)
  const planned = createPlanned(createPlannedRecords(db), startMs)
  const nodes: (Heard | undefined)[] = []
  const senders: (Heard | undefined)[] = []
  const dirty = new Set<Heard>()
  let removed: Heard[] = []
  let tickMs = startMs
  let isStalled = false
  let isClosing = false
  let minute = { sinceMs: startMs, told: 0 }
  const listOf = (subject: 'node' | 'source') => (subject === 'node' ? nodes : senders)

  for (const record of records.list()) {
    if (record.subject === 'hub') continue
    const who = restoreHeard(record, startMs)
    listOf(record.subject)[record.id] = who
    catchUp(who, record.subject === 'node' ? directory.byId(record.id)?.current : { lastMessageMs: sources.byId(record.id)?.lastSeenMs ?? 0, lastSeq: 0 })
  }
  const before = records.silences()
  const told = createTold({ records, emit, counters, nobody: before.find(({ subject }) => subject === 'hub') })
  for (const silence of before) {
    const who = silence.subject === 'hub' ? undefined : listOf(silence.subject)[silence.id]
    if (who !== undefined) told.restore(who, silence)
    else if (silence.subject !== 'hub') records.endSilence(silence.subject, silence.id)
  }

  /** `bootedMs`: when the boot began that it speaks in; 0: unknown. */
  const spoke = (who: Heard, atMs: number, bootedMs: number): void => {
    // a gap in which it booted says nothing of its rhythm
    if (bootedMs > who.spokeMs && bootedMs > who.floorMs) who.floorMs = bootedMs
    if (who.silence !== undefined) told.end(who, { atMs, isGivenUp: false })
    if (!who.isDirty && (who.gaps === 0 || atMs - who.countedMs >= 1000)) {
      who.isDirty = true
      dirty.add(who)
    }
    hear(who, atMs)
  }
  const nodeSpoke = (nodeId: number, { atMs, seq, bootedMs }: { readonly atMs: number; readonly seq: number; readonly bootedMs: number }): void => {
    const who = (nodes[nodeId] ??= new Heard({ subject: 'node', id: nodeId, atMs }))
    who.lastSeq = seq
    spoke(who, atMs, bootedMs)
  }
  const senderSpoke = (source: SourceState, atMs: number): void => {
    const who = (senders[source.id] ??= new Heard({ subject: 'source', id: source.id, atMs }))
    spoke(who, atMs, atMs - who.spokeMs < settings.minMs ? 0 : (ownerOf(source)?.current?.openedMs ?? 0))
  }
  const isOwn = (sourceId: number): boolean => sources.byId(sourceId)?.transport !== 'internal'
  /** The node whose own sender this is; a server's and a relay's sender is nobody's. */
  const ownerOf = (source: SourceState) => (source.roles.some((role) => role !== 'node') ? undefined : directory.owner(source.address)?.node)

  const isOf = ({ id }: Heard, nodeId: number): boolean => {
    const source = sources.byId(id)
    return source !== undefined && ownerOf(source)?.id === nodeId
  }

  const expect = (who: Heard): Expectation | undefined => {
    if (who.subject === 'node') return expectNode(who, { boot: directory.byId(who.id)?.current, settings })
    const source = sources.byId(who.id)
    if (source === undefined) return undefined
    const node = ownerOf(source)
    const rhythm = node && nodes[node.id]
    return expectSource(who, { owner: node && { rhythm, boot: node.current, isSilent: rhythm?.silence !== undefined }, settings })
  }
  function* everybody(): Generator<Heard> {
    for (const list of [nodes, senders]) for (const who of list) if (who !== undefined) yield who
  }
  function* unsilent(): Generator<Heard> {
    for (const list of [nodes, senders]) for (const who of list) if (who !== undefined && who.silence === undefined) yield who
  }
  const excuse = (nowMs: number): void => {
    if (isStalled || nowMs - tickMs > STALL_MS || nowMs < tickMs) for (const who of everybody()) who.floorMs = nowMs
    isStalled = false
    const active = planned.active(nowMs)
    if (active.length === 0) return
    for (const who of everybody()) {
      const source = who.subject === 'source' ? sources.byId(who.id) : undefined
      const isAt = (address: string): boolean => (source === undefined ? directory.owner(address)?.node.id === who.id : source.address === address)
      const about = { nodeId: source === undefined ? who.id : (ownerOf(source)?.id ?? 0), isAt }
      if (active.some((work) => isAbout(work, about))) who.floorMs = nowMs
    }
  }
  const drop = (who: Heard): void => {
    listOf(who.subject)[who.id] = undefined
    dirty.delete(who)
    removed.push(who)
  }
  const giveUp = (nowMs: number): void => {
    for (const who of told.silent) {
      const isGone = who.subject === 'node' && directory.byId(who.id) === undefined
      if (!isGone && nowMs - who.spokeMs < GIVE_UP_MS) continue
      told.end(who, { atMs: nowMs, isGivenUp: true })
      drop(who)
    }
  }
  const decide = (nowMs: number): void => {
    if (nowMs - minute.sinceMs >= MINUTE_MS) minute = { sinceMs: nowMs, told: 0 }
    const { silent, nobody } = decideSilences({ all: { [Symbol.iterator]: unsilent }, expect, nowMs, minMs: Math.min(settings.minMs, settings.bootMs), nobodySinceMs: told.nobody?.sinceMs, room: MAX_TOLD_A_MINUTE - minute.told })
    if (nobody === 'over') {
      told.end(undefined, { atMs: nowMs, isGivenUp: false })
      for (const who of everybody()) who.floorMs = nowMs
    } else if (nobody !== undefined && told.nobody === undefined) {
      told.begin({ subject: 'hub', id: 0, reason: 'nobody', nodeId: 0, noticedMs: nowMs, usualMs: 0, limitMs: 0, lastSeq: 0, ...nobody })
    }
    for (const { who, expectation } of silent) {
      const source = who.subject === 'source' ? sources.byId(who.id) : undefined
      minute.told++
      told.begin({
        subject: who.subject, id: who.id, reason: expectation.reason, nodeId: source === undefined ? who.id : (ownerOf(source)?.id ?? 0), sinceMs: who.spokeMs, noticedMs: nowMs,
        usualMs: expectation.usualMs, limitMs: expectation.limitMs, lastSeq: who.lastSeq, expected: 0, unheard: 0,
      }, who)
    }
  }
  return {
    observe(batch, touched) {
      const atMs = batch.receivedMs[batch.rows - 1]!
      for (const source of touched.sources) if (isRhythmic(source)) senderSpoke(source, atMs)
      for (const { session, row } of spokenIn(batch, touched, isOwn)) nodeSpoke(session.node.id, { atMs: batch.receivedMs[row]!, seq: batch.firstSeq + row, bootedMs: session.openedMs })
    },
    recount(batch, fromRow) {
      for (let row = fromRow; row < batch.rows; row++) {
        const source = sources.byId(batch.source[row]!)
        if (source === undefined || !isRhythmic(source)) continue
        senderSpoke(source, batch.receivedMs[row]!)
        if (isSpokenRow(batch, row) && directory.byId(batch.node[row]!) !== undefined) nodeSpoke(batch.node[row]!, { atMs: batch.receivedMs[row]!, seq: batch.firstSeq + row, bootedMs: 0 })
      }
    },
    stalled: () => void (isStalled = true),
    tick(nowMs) {
      excuse(nowMs)
      tickMs = nowMs
      giveUp(nowMs)
      if (settings.isEnabled) decide(nowMs)
    },
    replan: planned.read,
    forget(subject, id, nowMs) {
      const who = listOf(subject)[id]
      if (subject === 'node') for (const sender of senders) if (sender !== undefined && isOf(sender, id)) this.forget('source', sender.id, nowMs)
      if (who === undefined) return false
      told.end(who, { atMs: nowMs, isGivenUp: true })
      drop(who)
      return true
    },
    get hasNews() {
      return told.hasNews
    },
    writeNews: told.write,
    newsWritten: told.written,
    write() {
      for (const { subject, id } of removed) records.remove(subject, id)
      for (const who of dirty) if (isClosing || isDue(who)) records.save(who)
    },
    written() {
      removed = []
      for (const who of dirty) {
        if (!isDue(who)) continue
        who.savedMs = who.spokeMs
        who.isDirty = false
        dirty.delete(who)
      }
    },
    close: () => void (isClosing = true),
  }
}

/** Everybody but the hub itself, and those beyond the limit, who share one source. */
const isRhythmic = ({ transport, address }: SourceState): boolean => transport !== 'internal' && address !== 'other'

/** After a kill: what is counted with every flush tells what it said since it was written down. Had it spoken later than that, it would have been written again. */
function catchUp(who: Heard, counted: { readonly lastMessageMs: number; readonly lastSeq: number } | undefined): void {
  if (counted === undefined || counted.lastMessageMs <= who.spokeMs || counted.lastMessageMs > who.spokeMs + SAVE_EVERY_MS + STALL_MS) return
  who.spokeMs = counted.lastMessageMs
  who.countedMs = counted.lastMessageMs
  who.lastSeq = counted.lastSeq
}

/** Young ones are written more often: they have the most to lose. */
const isDue = ({ spokeMs, savedMs, learnedMs }: Heard): boolean => spokeMs - savedMs >= Math.min(SAVE_EVERY_MS, learnedMs / 4) || spokeMs < savedMs
