import { expect, test } from 'vitest'
import type { DoctorCheck, QueueView, SourceView, StoreStatsView } from '#api/index.ts'
import type { Loss } from '#domain/loss.ts'
import { examineHealth } from '../../../../src/app/doctor/of-health.ts'
import { examineFiles, openFilesLimit } from '../../../../src/app/doctor/of-limits.ts'
import { examineListeners, type ListenerFacts } from '../../../../src/app/doctor/of-listeners.ts'
import { examineAcceptQueues, examineKernel, examineLosses } from '../../../../src/app/doctor/of-losses.ts'
import { examineOutbox } from '../../../../src/app/doctor/of-outbox.ts'
import { examineQueues, presentQueue } from '../../../../src/app/doctor/of-queues.ts'
import { examineSenders } from '../../../../src/app/doctor/of-senders.ts'
import { examineStore } from '../../../../src/app/doctor/of-store.ts'
import { readSamples, sumOf } from '../../../../src/app/doctor/samples.ts'
import { worstOf } from '../../../../src/app/doctor/verdicts.ts'

const NOW_MS = Date.parse('2026-11-22T12:00:00Z')
const udp = { name: 'udp', transport: 'udp', address: '::', port: 514, receiveBufferBytes: 4_194_304 } as const
const listeners: ListenerFacts = { configured: [{ name: 'udp', transport: 'udp', address: '::', port: 514 }], bound: [udp], askedBufferBytes: 4_194_304, hasDhcp: true }
const queue: QueueView = { name: 'q', unit: 'things', bound: 10, fill: 0, peak: 0, full: 'drops', means: 'Things.', when_full: 'They are lost.', counter: 'hps_lost_total', counted: 0 }
const stats = { messages: 5, oldest: null, waiting_segments: 0, disk_bytes: 1000, disk_free_bytes: 500, max_bytes: null, file_bytes: 0, segment_bytes: 10 } as StoreStatsView
const sender = (over: Partial<SourceView>): SourceView => ({ address: '10.0.0.7', clock: null, zone: { name: null, by: 'stated' }, ...over }) as SourceView
const loss = (over: Partial<Loss>): Loss => ({ hourMs: NOW_MS, sourceId: 1, listener: 'udp', sessionId: 0, reason: 'shed', count: 1, firstMs: NOW_MS, lastMs: NOW_MS, ...over })

interface Row { readonly what: string; readonly found: () => DoctorCheck | readonly DoctorCheck[]; readonly name: string; readonly verdict: string; readonly says: string; readonly mend?: string }

/** Each examination with what must leave it content and what must not; what is not OK names a command or a setting. */
const ROWS: readonly Row[] = [
  { what: 'a check of health that passes', found: () => examineHealth({ store: { status: 'pass' } }), name: 'store', verdict: 'ok', says: 'the disk takes messages' },
  { what: 'one that warns', found: () => examineHealth({ damage: { status: 'warn', reason: 'x.db is set aside' } }), name: 'damage', verdict: 'warn', says: 'x.db is set aside', mend: 'hps store accept-loss' },
  { what: 'one that fails', found: () => examineHealth({ store: { status: 'fail', reason: 'no space' } }), name: 'store', verdict: 'fail', says: 'no space', mend: 'df -h' },
  { what: 'one that nobody knew', found: () => examineHealth({ moon: { status: 'warn', reason: 'it is full' } }), name: 'moon', verdict: 'warn', says: 'it is full', mend: 'hps logs' },
  { what: 'listeners that are bound', found: () => examineListeners(listeners), name: 'listeners', verdict: 'ok', says: 'udp 514' },
  { what: 'one that is not', found: () => examineListeners({ ...listeners, configured: [...listeners.configured, { name: 'console', transport: 'udp', address: '::', port: 6666 }] }), name: 'listeners', verdict: 'warn', says: 'not bound: console', mend: "ss -lnp 'sport = :6666'" },
  { what: 'buffers as asked', found: () => examineListeners(listeners), name: 'kernel-buffers', verdict: 'ok', says: 'that were asked for' },
  { what: 'a smaller buffer', found: () => examineListeners({ ...listeners, bound: [{ ...udp, receiveBufferBytes: 212_992 }] }), name: 'kernel-buffers', verdict: 'warn', says: '4MiB asked, 208KiB given', mend: 'echo net.core.rmem_max=4194304 > /etc/sysctl.d/90-hps-hub.conf && sysctl --system' },
  { what: 'nobody on 514 with a DHCP server', found: () => examineListeners({ ...listeners, bound: [{ ...udp, port: 5514 }] }), name: 'port-514', verdict: 'warn', says: 'option 7', mend: 'port: 514' },
  { what: 'nobody on 514 without one', found: () => examineListeners({ ...listeners, bound: [{ ...udp, port: 5514 }], hasDhcp: false }), name: 'port-514', verdict: 'ok', says: 'no DHCP server' },
  { what: 'no drops of the kernel', found: () => examineKernel(new Map()), name: 'kernel-drops', verdict: 'ok', says: 'no datagram' },
  { what: 'drops of the kernel', found: () => examineKernel(new Map([['hps_ingest_dropped_total{reason="kernel-buffer"}', 12]])), name: 'kernel-drops', verdict: 'warn', says: '12 datagrams', mend: 'net.core.rmem_max' },
  { what: 'no connection lost', found: () => examineAcceptQueues(new Map()), name: 'accept-queues', verdict: 'ok', says: 'no connection' },
  { what: 'connections that nobody accepted in time', found: () => examineAcceptQueues(new Map([['hps_ingest_accept_overflows_total', 22]])), name: 'accept-queues', verdict: 'warn', says: '22 connections', mend: 'net.core.somaxconn' },
  { what: 'no losses', found: () => examineLosses([]), name: 'losses', verdict: 'ok', says: 'nothing lost' },
  { what: 'numbers that came late after all', found: () => examineLosses([loss({ reason: 'missing', count: 5 }), loss({ reason: 'missing', count: -5, sourceId: 2 })]), name: 'losses', verdict: 'ok', says: 'nothing lost' },
  { what: 'what is stored twice', found: () => examineLosses([loss({ reason: 'doubled', count: 5 })]), name: 'losses', verdict: 'ok', says: 'nothing lost' },
  { what: 'losses of two sources', found: () => examineLosses([loss({ count: 3 }), loss({ count: 4, sourceId: 2 })]), name: 'losses:shed', verdict: 'warn', says: '7 in the last 24 hours', mend: 'hps loss' },
  { what: 'queues with room', found: () => examineQueues([{ ...queue, fill: 7, peak: 7 }]), name: 'queues', verdict: 'ok', says: '1 queues, none nearly full' },
  { what: 'a queue that is nearly full', found: () => examineQueues([{ ...queue, fill: 8 }]), name: 'queue:q', verdict: 'warn', says: '8 of 10 things now', mend: 'They are lost.' },
  { what: 'a queue that was', found: () => examineQueues([{ ...queue, peak: 10 }]), name: 'queue:q', verdict: 'warn', says: 'up to 10 of 10 things', mend: 'hps doctor --queues' },
  { what: 'a queue that dropped', found: () => examineQueues([{ ...queue, counted: 3 }]), name: 'queue:q', verdict: 'warn', says: '3 dropped since the hub started', mend: 'hps doctor --queues' },
  { what: 'a window that is full', found: () => examineQueues([{ ...queue, full: 'waits', fill: 10, counted: 3 }]), name: 'queues', verdict: 'ok', says: 'none nearly full' },
  { what: 'a backlog without a bound', found: () => examineQueues([{ ...queue, bound: null, fill: 1e9 }]), name: 'queues', verdict: 'ok', says: 'none nearly full' },
  { what: 'room on the disk', found: () => examineStore(stats), name: 'disk', verdict: 'ok', says: '500B of 1000B free' },
  { what: 'little room', found: () => examineStore({ ...stats, disk_free_bytes: 49 }), name: 'disk', verdict: 'warn', says: '49B', mend: 'du -xh' },
  { what: 'no room', found: () => examineStore({ ...stats, disk_free_bytes: 0 }), name: 'disk', verdict: 'fail', says: '0B', mend: 'du -xh' },
  { what: 'a few segments', found: () => examineStore({ ...stats, waiting_segments: 8 }), name: 'sealing', verdict: 'ok', says: '8 segments' },
  { what: 'many segments', found: () => examineStore({ ...stats, waiting_segments: 9 }), name: 'sealing', verdict: 'warn', says: '9 segments', mend: 'hps store stats' },
  { what: 'no notices', found: () => examineOutbox({ waiting: 0, dead: 0, oldestMs: undefined, nowMs: NOW_MS }), name: 'outbox', verdict: 'ok', says: 'no notice waits' },
  { what: 'a notice that is stuck', found: () => examineOutbox({ waiting: 2, dead: 0, oldestMs: NOW_MS - 1_200_000, nowMs: NOW_MS }), name: 'outbox', verdict: 'fail', says: 'the oldest for 20 minutes', mend: 'hps outbox' },
  { what: 'one that was given up', found: () => examineOutbox({ waiting: 0, dead: 1, oldestMs: undefined, nowMs: NOW_MS }), name: 'outbox', verdict: 'warn', says: 'nobody was told', mend: 'hps outbox' },
  { what: 'clocks that are good', found: () => examineSenders([sender({ clock: { offset_ms: -60_000, confirmed: '' } })]), name: 'sender-clocks', verdict: 'ok', says: 'no sender' },
  { what: 'a clock that is slow', found: () => examineSenders([sender({ clock: { offset_ms: -60_001, confirmed: '' } }), sender({})]), name: 'sender-clocks', verdict: 'warn', says: '1 of 2 senders have a clock that is more than a minute off: 10.0.0.7', mend: 'NTP' },
  { what: 'a zone that is not known', found: () => examineSenders([sender({ zone: { name: null, by: 'unknown' } })]), name: 'sender-zones', verdict: 'warn', says: '1 of 1 senders', mend: 'zone:' },
  { what: 'enough files', found: () => examineFiles(65_536, 10_000), name: 'open-files', verdict: 'ok', says: '65536 files' },
  { what: 'too few files', found: () => examineFiles(1024, 10_000), name: 'open-files', verdict: 'warn', says: '1024 files may be open', mend: 'LimitNOFILE=32768' },
  { what: 'a limit that is not known', found: () => examineFiles(undefined, 10_000), name: 'open-files', verdict: 'ok', says: 'not known' },
]

test.for(ROWS)('$what: $name is $verdict', ({ found, name, verdict, says, mend }) => {
  const check = [found()].flat().find((candidate) => candidate.name === name)
  expect(check?.verdict).toBe(verdict)
  expect(check?.finding).toContain(says)
  if (mend === undefined) expect(check?.mend).toBeNull()
  else expect(check?.mend).toContain(mend)
})

test('the worst verdict is the verdict of all', () => {
  const of = (...verdicts: DoctorCheck['verdict'][]) => worstOf(verdicts.map((verdict) => ({ name: '', verdict, finding: '', mend: null })))
  expect([of(), of('ok'), of('ok', 'warn'), of('fail', 'warn', 'ok')]).toEqual(['ok', 'ok', 'warn', 'fail'])
})

test('samples are summed over the labels that were not asked for, and never over another name', () => {
  const samples = readSamples('# HELP hps_x x\nhps_x_total{reason="a",listener="u"} 3\nhps_x_total{listener="t",reason="a"} 4\nhps_x_total{reason="ab"} 10\nhps_x_total_more 100\nhps_y 5\n')
  expect([sumOf(samples, 'hps_x_total{reason="a"}'), sumOf(samples, 'hps_x_total'), sumOf(samples, 'hps_y'), sumOf(samples, 'hps_z')]).toEqual([7, 17, 5, 0])
})

test('a queue is shown with what its counter stands at', () => {
  const state = { ...queue, bound: undefined, counter: 'hps_x_total{reason="a"}', whenFull: 'They are lost.', full: 'drops' } as const
  expect(presentQueue(state, new Map([['hps_x_total{reason="a"}', 4]]))).toMatchObject({ bound: null, counter: 'hps_x_total{reason="a"}', counted: 4, when_full: 'They are lost.' })
})

test.for([['Max open files            1024                 524288               files', 1024], ['Max open files            unlimited            unlimited            files', Infinity], ['Max processes 1', undefined]] as const)('the limit of open files in %j', ([text, limit]) => {
  expect(openFilesLimit(`Limit Soft Limit Hard Limit Units\n${text}\n`)).toBe(limit)
})
