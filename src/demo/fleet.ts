/** What becomes of a node while the demo runs; life.ts tells each story. */
export const STORIES = ['steady', 'reboots', 'flaps', 'installs', 'goes-quiet', 'announces', 'sick-disk', 'crashes'] as const
type Story = (typeof STORIES)[number]

/** How a node writes its messages: the forms that real senders have. */
export const DIALECTS = ['busybox-udp', 'rsyslog-udp', 'rfc5424-udp', 'octet-counted-tcp', 'newline-tcp'] as const
export type Dialect = (typeof DIALECTS)[number]

export interface DemoNode {
  readonly name: string
  /** Its own loopback address; every socket of the node is bound to it. */
  readonly address: string
  readonly mac: string
  readonly dialect: Dialect
  readonly story: Story
  /** When it is switched on, after the demo's start. */
  readonly startsAfterMs: number
}

/** One fleet, always the same: six thin compute hosts, three storage hosts, two compute cluster hosts, one for recovery. */
export const FLEET: readonly DemoNode[] = (
  [
    ['tch-001', 'busybox-udp', 'reboots', 500],
    ['tch-002', 'rsyslog-udp', 'flaps', 2_000],
    ['tch-003', 'rfc5424-udp', 'announces', 3_500],
    ['tch-004', 'busybox-udp', 'steady', 9_000],
    ['tch-005', 'octet-counted-tcp', 'steady', 14_000],
    ['tch-006', 'busybox-udp', 'crashes', 19_000],
    ['sch-001', 'octet-counted-tcp', 'installs', 6_000],
    ['sch-002', 'rsyslog-udp', 'sick-disk', 11_000],
    ['sch-003', 'newline-tcp', 'steady', 24_000],
    ['cch-001', 'rfc5424-udp', 'goes-quiet', 16_000],
    ['cch-002', 'octet-counted-tcp', 'steady', 29_000],
    ['drh-001', 'newline-tcp', 'steady', 34_000],
  ] as const
).map(([name, dialect, story, startsAfterMs], index) => ({
  name,
  address: `127.1.0.${index + 1}`,
  mac: `52:54:00:d0:00:${(index + 1).toString(16).padStart(2, '0')}`,
  dialect,
  story,
  startsAfterMs,
}))

/** The DHCP and TFTP server of the demo: beside the hub, so it speaks from the first loopback address. */
export const BOOT_SERVER = { name: 'ips-01', address: '127.0.0.1' } as const
