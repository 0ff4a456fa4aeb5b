import type { DemoNode } from '../fleet.ts'
import { KERN, say, type Answer, type Step, type Steps } from '../line.ts'
import { between, type Random } from '../random.ts'

/** What a Debian kernel says while it starts: seconds of its own clock, severity, text. */
const START: readonly (readonly [seconds: number, severity: number, text: string])[] = [
  [0, 5, 'Linux version 6.1.0-40-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1'],
  [0, 6, 'Command line: BOOT_IMAGE=/boot/vmlinuz-6.1.0-40-amd64 root=/dev/mapper/vg0-root ro console=ttyS0,115200 quiet'],
  [0, 6, 'BIOS-provided physical RAM map:'],
  [0, 6, 'BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable'],
  [0, 6, 'BIOS-e820: [mem 0x0000000000100000-0x000000007ffdbfff] usable'],
  [0, 6, 'DMI: Supermicro SYS-5019D-FN8TP/X11SDV-8C-TP8F, BIOS 1.6 06/28/2022'],
  [0.000_009, 6, 'tsc: Detected 2294.608 MHz processor'],
  [0.041_337, 6, 'ACPI: RSDP 0x00000000000F05B0 000024 (v02 SUPERM)'],
  [0.104_512, 5, 'Kernel command line: BOOT_IMAGE=/boot/vmlinuz-6.1.0-40-amd64 root=/dev/mapper/vg0-root ro console=ttyS0,115200 quiet'],
  [0.163_981, 6, 'Memory: 65681024K/67028412K available (14342K kernel code, 2331K rwdata, 9056K rodata, 2796K init, 17388K bss, 1347132K reserved, 0K cma-reserved)'],
  [0.286_204, 6, 'smp: Brought up 1 node, 16 CPUs'],
  [0.612_740, 6, 'PCI: Using configuration type 1 for base access'],
  [0.889_015, 6, 'NET: Registered PF_INET6 protocol family'],
  [1.204_118, 6, 'nvme nvme0: pci function 0000:01:00.0'],
  [1.310_662, 6, ' nvme0n1: p1 p2 p3'],
  [1.402_871, 6, 'igb 0000:b5:00.0: added PHC on eth0'],
  [1.771_230, 6, 'usb 1-1: new high-speed USB device number 2 using xhci_hcd'],
  [2.018_553, 6, 'device-mapper: ioctl: 4.47.0-ioctl (2022-07-28) initialised: dm-devel@redhat.com'],
  [2.560_407, 6, 'EXT4-fs (dm-0): mounted filesystem with ordered data mode. Quota mode: none.'],
  [3.122_906, 6, 'systemd[1]: systemd 252.39-1~deb12u1 running in system mode'],
  [3.940_664, 6, 'igb 0000:b5:00.0 eno1: renamed from eth0'],
  [5.307_245, 6, 'igb 0000:b5:00.0 eno1: igb: eno1 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: RX/TX'],
  [5.308_001, 6, 'IPv6: ADDRCONF(NETDEV_CHANGE): eno1: link becomes ready'],
]

/** `[    5.307245] text`, as printk writes it and syslog daemons pass it on. */
const printk = (seconds: number, text: string): string => `[${seconds.toFixed(6).padStart(12)}] ${text}`

/** The syslog daemon starts and sends all that the kernel has said so far, in one go. */
export function* kernelStarts(random: Random): Steps {
  yield say(between(random, 5_500, 7_000), { facility: KERN, severity: 6, app: 'kernel', text: printk(START[0]![0], START[0]![2]) })
  for (const [seconds, severity, text] of START.slice(1)) yield say(between(random, 2, 25), { facility: KERN, severity, app: 'kernel', text: printk(seconds, text) })
}

/** A link that goes away and comes back; `upSeconds` is the kernel's clock when it goes. @returns the kernel's clock when it is back */
export function* linkFlap(random: Random, upSeconds: number): Generator<Step, number, Answer | undefined> {
  const awayMs = between(random, 1_500, 6_000)
  yield say(0, { facility: KERN, severity: 3, app: 'kernel', text: printk(upSeconds, 'igb 0000:b5:00.0 eno1: igb: eno1 NIC Link is Down') })
  yield say(awayMs, { facility: KERN, severity: 6, app: 'kernel', text: printk(upSeconds + awayMs / 1000, 'igb 0000:b5:00.0 eno1: igb: eno1 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: RX/TX') })
  return upSeconds + awayMs / 1000
}

/** A disk that fails slowly. */
export function* diskComplains(random: Random, upSeconds: number): Steps {
  const sector = between(random, 1_000_000, 900_000_000)
  const kernel = (afterMs: number, severity: number, text: string): Step => say(afterMs, { facility: KERN, severity, app: 'kernel', text: printk(upSeconds + afterMs / 1000, text) })
  yield kernel(0, 3, 'ata3.00: exception Emask 0x0 SAct 0x40000 SErr 0x0 action 0x0')
  yield kernel(4, 3, `ata3.00: failed command: READ FPDMA QUEUED`)
  yield kernel(60, 3, `blk_update_request: I/O error, dev sdb, sector ${sector} op 0x0:(READ) flags 0x80700 phys_seg 4 prio class 2`)
  yield kernel(90, 4, `md/raid1:md0: sdb2: rescheduling sector ${sector - 2048}`)
}

/** The last words before a machine starts again by itself. */
export const panic = (node: DemoNode, upSeconds: number): Step =>
  say(0, { facility: KERN, severity: 0, app: 'kernel', text: printk(upSeconds, `Kernel panic - not syncing: Fatal exception in interrupt (${node.name})`) })
