import type { DemoNode } from '../fleet.ts'
import { BOOT_SERVER } from '../fleet.ts'
import { DAEMON, type Step, type Steps } from '../line.ts'
import { between, type Random } from '../random.ts'

/** Lines of dnsmasq with `log-dhcp`, and of iPXE with a syslog console, in the order a network boot has them. */
const DNSMASQ_PID = 812

/** One exchange; the transaction number is on each of its lines. */
export function* dhcpExchange(node: DemoNode, random: Random, client: 'pxe' | 'ipxe' | 'linux'): Steps {
  const transaction = between(random, 100_000_000, 4_200_000_000)
  const dhcp = (afterMs: number, text: string): Step => ({ kind: 'boot-server', afterMs, line: { facility: DAEMON, severity: 6, app: 'dnsmasq-dhcp', pid: DNSMASQ_PID, text: `${transaction} ${text}` } })
  const wire = 'hps0'
  yield dhcp(0, 'available DHCP range: 127.1.0.1 -- 127.1.0.250')
  if (client === 'pxe') yield dhcp(1, 'vendor class: PXEClient:Arch:00007:UNDI:003016')
  if (client === 'ipxe') yield dhcp(1, 'user class: iPXE')
  if (client !== 'linux') {
    yield dhcp(2, `DHCPDISCOVER(${wire}) ${node.mac} `)
    yield dhcp(1, `tags: known, ${client}, ${wire}`)
    yield dhcp(2, `DHCPOFFER(${wire}) ${node.address} ${node.mac} `)
  }
  yield dhcp(between(random, 20, 300), `DHCPREQUEST(${wire}) ${node.address} ${node.mac} `)
  yield dhcp(3, `DHCPACK(${wire}) ${node.address} ${node.mac} ${node.name}`)
  if (client === 'pxe') yield dhcp(1, 'bootfile name: snponly.efi')
  yield dhcp(1, `sent size:  4 option:  7 log-server  ${BOOT_SERVER.address}`)
}

export function* tftpSent(node: DemoNode): Steps {
  yield { kind: 'boot-server', afterMs: 350, line: { facility: DAEMON, severity: 6, app: 'dnsmasq-tftp', pid: DNSMASQ_PID, text: `sent /srv/tftp/snponly.efi to ${node.address}` } }
}

/** How long iPXE tries before it says that there was no answer, and waits before it tries again. */
const NO_ANSWER_MS = 10_000

/**
 * iPXE until it hands over to a kernel or to the disk. A hub that says *wait* is asked again without a word, as iPXE does with
 * `Retry-After`: a node that nobody configured stands here until somebody does.
 */
export function* ipxe(node: DemoNode, httpUrl: string): Steps {
  const line = (afterMs: number, text: string): Step => ({ kind: 'ipxe', afterMs, text })
  yield line(900, `Configuring (net0 ${node.mac})...... ok`)
  yield line(12, `net0: ${node.address}/255.0.0.0`)
  yield line(9, `Next server: ${BOOT_SERVER.address}`)
  yield line(14, `Filename: ${httpUrl}/boot`)
  yield line(35, `${httpUrl}/boot... ok`)
  let afterMs = 40
  for (;;) {
    const answer = yield { kind: 'ask', afterMs }
    if (answer?.kind === 'script') {
      yield line(15, `${httpUrl}/boot/v1/decide... ok`)
      if (answer.kernelUrl !== undefined) yield line(900, `${answer.kernelUrl}... ok`)
      else yield line(200, 'Booting from SAN device 0x80')
      return
    }
    if (answer?.kind !== 'wait') yield line(NO_ANSWER_MS, `${httpUrl}/boot/v1/decide... Connection timed out (https://ipxe.org/4c0a6092)`)
    afterMs = answer?.kind === 'wait' ? answer.retryAfterMs : NO_ANSWER_MS
  }
}
