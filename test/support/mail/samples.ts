import type { StoredMessage } from '#domain/message.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import type { Notice, NoticeAlert, NoticeCommand } from '#triggers/notice.ts'
import type { Facts } from '#triggers/actions/mail-story-of.ts'

/** Notices as the outbox holds them and the messages around them: for tests of the mail, and for the pictures in the docs. */
export const AT_MS = Date.UTC(2026, 10, 22, 3, 12, 44, 220)

export function message(seq: number, { app = 'kernel', pri = 6, text, agoMs = 0, sessionId = 5, nodeId = 1 }: { readonly app?: string; readonly pri?: number; readonly text: string; readonly agoMs?: number; readonly sessionId?: number; readonly nodeId?: number }): StoredMessage {
  return {
    seq, receivedMs: AT_MS - agoMs, sentMs: undefined, facility: FACILITIES[pri >> 3]!, severity: SEVERITIES[pri & 7]!, host: 'tch-001', app, procid: '', msgid: '', structuredData: '', text,
    label: '', raw: new Uint8Array(0), format: 'rfc5424', faults: [], sourceId: 1, nodeId, sessionId, method: 'none', confidence: 0,
  }
}

export const RAID: NoticeAlert = {
  id: 412, rule: 'storage.raid-degraded', version: '0c0ffee1234a', key: 'node=1 array=md0', telling: 'firing', state: 'firing', severity: 'critical', title: 'RAID md0 on tch-001: sdb failed', thread: '',
  threadTitle: 'RAID md0 on tch-001: sdb failed', reason: 'found', by: '', note: 'matched', nodeId: 1, node: 'tch-001', sessionId: 5, session: 'a1b2c3', fields: { node: 'tch-001', array: 'md0', disk: 'sdb' }, host: 'tch-001',
  app: 'kernel', text: 'md/raid1:md0: Disk failure on sdb, disabling device.', firstMs: AT_MS - 4000, lastMs: AT_MS - 1000, firedMs: AT_MS - 4000, overMs: undefined, firstSeq: 4712, lastSeq: 4714, count: 2, flaps: 0, isLate: false,
  runbook: 'docs/runbooks/storage.md#raid-disk-failed', owner: 'storage team', before: 6, after: 3,
}
export const RAID_LINES: readonly StoredMessage[] = [
  message(4706, { text: 'ata2.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x6 frozen', pri: 3, agoMs: 36_120 }),
  message(4707, { text: 'ata2.00: failed command: WRITE DMA EXT', pri: 3, agoMs: 36_118 }),
  message(4708, { text: 'ata2: hard resetting link', pri: 6, agoMs: 36_100 }),
  message(4709, { app: 'smartd', text: 'Device: /dev/sdb [SAT], 48 Currently unreadable (pending) sectors', pri: 26, agoMs: 12_020 }),
  message(4710, { text: 'blk_update_request: I/O error, dev sdb, sector 2064 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2', pri: 3, agoMs: 4010 }),
  message(4712, { text: 'md/raid1:md0: Disk failure on sdb, disabling device.', pri: 2, agoMs: 4000 }),
  message(4713, { text: 'md/raid1:md0: Operation continuing on 1 devices.', pri: 2, agoMs: 4000 }),
  message(4714, { app: 'mdadm', text: 'Fail event detected on md device /dev/md0, component device /dev/sdb', pri: 26, agoMs: 1000 }),
]
export const SILENCE: NoticeAlert = {
  ...RAID, id: 431, rule: 'silence', key: 'node:1', severity: 'critical', title: 'tch-001 is silent since 03:02:10: Kernel panic - not syncing: Fatal exception in interrupt', threadTitle: 'tch-001 is silent', note: 'absent',
  fields: { node: 'tch-001', 'Usually quiet for at most': '2m' }, text: 'It stopped.', firstMs: AT_MS - 634_000, lastMs: AT_MS, firedMs: AT_MS, firstSeq: 4790, lastSeq: 4790, count: 1, runbook: 'https://wiki.example.org/silent-nodes', owner: '', before: 19, after: 0,
}
export const LAST_LINES: readonly StoredMessage[] = [
  message(4786, { app: 'systemd', pri: 30, text: 'Started Daily apt download activities.', agoMs: 700_000 }),
  message(4787, { pri: 1, text: 'BUG: unable to handle page fault for address: ffffa1b2c3d4e5f6', agoMs: 634_400 }),
  message(4788, { pri: 4, text: 'CPU: 12 PID: 0 Comm: swapper/12 Tainted: G    B   W  OE     6.1.0-28-amd64 #1', agoMs: 634_300 }),
  message(4789, { pri: 4, text: 'Call Trace: <IRQ> nf_conntrack_in+0x12b/0x5a0 [nf_conntrack] ipv4_conntrack_in+0x14/0x20', agoMs: 634_200 }),
  message(4790, { pri: 0, text: 'Kernel panic - not syncing: Fatal exception in interrupt', agoMs: 634_000 }),
]
export const RESOLVED: NoticeAlert = {
  ...RAID, telling: 'resolved', state: 'resolved', reason: 'cleared', note: 'resolve-matched', thread: '<first@hub.example.org>', title: 'RAID md0 on tch-001: sdb failed', firstMs: AT_MS - 7_440_000, overMs: AT_MS - 30_000,
  lastMs: AT_MS - 30_000, text: 'md: md0: recovery done.', lastSeq: 9120, firstSeq: 4712,
}
export const RESOLVED_LINES: readonly StoredMessage[] = [
  message(9118, { text: 'md: recovery of RAID array md0', agoMs: 5_200_000 }),
  message(9120, { text: 'md: md0: recovery done.', agoMs: 30_000 }),
]

const seconds = (count: number): number => count * 1000
/** A switch that died: many nodes at once, and a disk beside it. */
export const MANY: readonly NoticeAlert[] = [
  { ...RAID, id: 500, fields: { node: 'tch-001', array: 'md0', disk: 'sdb', rack: 'r3' } },
  ...Array.from({ length: 23 }, (_, at): NoticeAlert => {
    const node = `tch-${String(at + 10).padStart(3, '0')}`
    return {
      ...RAID, id: 501 + at, rule: 'net.link-down', key: `node=${at + 10} iface=eno1`, severity: 'error', title: `${node}: link of eno1 is down`, threadTitle: `${node}: link of eno1 is down`, nodeId: at + 10, node, session: '', sessionId: 0,
      fields: { node, iface: 'eno1', rack: 'r4' }, text: `igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Down`, firstMs: AT_MS - seconds(30 + at), lastMs: AT_MS - seconds(30 + at), firstSeq: 6000 + at, lastSeq: 6000 + at, count: 1, owner: 'network', runbook: 'https://wiki.example.org/net/link-down', before: 2, after: 1,
    }
  }),
  { ...RESOLVED, id: 490, rule: 'hw.temperature', title: 'tch-007: CPU 1 at 91 °C', threadTitle: 'tch-007: CPU 1 at 91 °C', node: 'tch-007', nodeId: 7, overMs: AT_MS - seconds(90), firstMs: AT_MS - seconds(1290), severity: 'warning', reason: 'quiet', note: '', fields: { node: 'tch-007' } },
]

export const COMMAND: NoticeCommand = {
  severity: 'warning', title: 'disk nearly full', body: 'The cache of the installer has 512 MiB left.\\nIt was cleaned an hour ago.', seq: 4714, nodeId: 1, node: 'tch-001', sessionId: 5, session: 'a1b2c3', atMs: AT_MS, before: 5, after: 0,
}

const common = { receiver: 'ops', atMs: AT_MS } as const
export const ofAlerts = (alerts: readonly NoticeAlert[], change: Partial<Extract<Notice, { kind: 'alerts' | 'digest' }>> = {}): Notice => ({
  ...common, severity: alerts[0]?.severity ?? 'info', title: alerts[0]?.title ?? '', kind: 'alerts', group: {}, groupKey: '{}', alerts, more: 0, commands: [], lead: '', ...change,
})

export interface Sample { readonly name: string; readonly notice: Notice; readonly lines: readonly StoredMessage[] }
/** One of each kind of mail. */
export const SAMPLES: readonly Sample[] = [
  { name: 'one-alert', notice: ofAlerts([RAID]), lines: RAID_LINES },
  { name: 'silent-node', notice: ofAlerts([SILENCE]), lines: LAST_LINES },
  { name: 'resolved', notice: ofAlerts([RESOLVED]), lines: RESOLVED_LINES },
  { name: 'still', notice: ofAlerts([{ ...RAID, telling: 'still', thread: '<first@hub.example.org>', firstMs: AT_MS - 15_000_000, count: 318, flaps: 2 }]), lines: RAID_LINES.slice(-3) },
  { name: 'several', notice: ofAlerts(MANY), lines: RAID_LINES.slice(-4) },
  { name: 'digest', notice: ofAlerts(MANY.slice(0, 12), { kind: 'digest', more: 31, lead: 'You had 100 mails within the hour; what came since is told in this one.', commands: [COMMAND] }), lines: [] },
  { name: 'command', notice: { ...common, severity: 'warning', title: COMMAND.title, kind: 'command', command: COMMAND }, lines: RAID_LINES },
  { name: 'test', notice: { ...common, severity: 'info', title: 'test', kind: 'test', by: 'anna' }, lines: [] },
  { name: 'dead', notice: { ...common, severity: 'error', title: 'not delivered', kind: 'dead', channel: 'webhook', to: 'pager', error: '410 Gone: the endpoint was removed', outboxIds: [88, 91], titles: ['[CRITICAL] RAID md0 on tch-001: sdb failed', '[RESOLVED] tch-007: CPU 1 at 91 °C'] }, lines: [] },
]

export const FACTS: Facts = { labels: { rack: 'r3' }, profile: 'storage', state: 'running' }

/** Part of a page of runbooks. */
export const RUNBOOK = `# Runbook: storage

## raid-disk-failed

**Means.** A disk fell out of a Linux software RAID. The data are there; the next failure may lose them.
**Look.** \`cat /proc/mdstat\`, \`mdadm --detail /dev/md0\`; what the disk said before.
**Do.** Replace the disk, partition it like its twin, \`mdadm /dev/md0 --add /dev/sdb2\`. The alert ends when the
kernel says \`recovery done\`. See [disk-failing](#disk-failing).

## disk-failing

Text without a label.
`
