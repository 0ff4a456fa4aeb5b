import type { TakeField } from './field.ts'

const APPS: readonly string[] = ['dnsmasq-dhcp', 'dhcpd']
const MAC = String.raw`[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}`
const ADDRESS = String.raw`[0-9a-fA-F:.]{3,45}`
/** dnsmasq: `3659418943 DHCPACK(eth0) 10.99.1.50 52:54:00:9c:4c:24 tch-001`. */
const DNSMASQ = new RegExp(String.raw`^(?:(\d{1,10}) )?([A-Z]{2,20}\d?)\(([^\s()]{1,64})\)(?: (?!${MAC})(${ADDRESS}))?(?: (${MAC}))?(?: (\S{1,253}))?$`)
/** dnsmasq with `log-dhcp`: `3659418943 vendor class: PXEClient:Arch:00000:UNDI:002001`. */
const DETAIL = /^(\d{1,10}) ([a-zA-Z][a-zA-Z ]{1,40}): (.*)$/
/** ISC dhcpd: `DHCPREQUEST for 10.99.1.50 (10.99.1.1) from 52:54:00:9c:4c:24 (tch-001) via eth0`. */
const ISC = new RegExp(String.raw`^(DHCP[A-Z]{3,20})(?: (?:on|for|of) (${ADDRESS}))?(?: \([^\s()]*\))?(?: (?:from|to) (${MAC}))?(?: \(([^\s()]{1,253})\))? via ([^\s:]{1,64})`)

/** What a line of a DHCP server says, where `app` is one. */
export function takeDhcp({ app, text }: { readonly app: string; readonly text: string }, take: TakeField): void {
  if (!APPS.includes(app)) return
  found(text).every(([name, value]) => value === undefined || take({ kind: 'dhcp', name: `dhcp.${name}`, value }))
}

function found(text: string): readonly (readonly [string, string | undefined])[] {
  const line = DNSMASQ.exec(text)
  if (line !== null) return [['xid', line[1]], ['message', line[2]], ['interface', line[3]], ['address', line[4]], ['mac', line[5]], ['name', line[6]]]
  const isc = ISC.exec(text)
  if (isc !== null) return [['message', isc[1]], ['interface', isc[5]], ['address', isc[2]], ['mac', isc[3]], ['name', isc[4]]]
  const detail = DETAIL.exec(text)
  return detail === null ? [] : [['xid', detail[1]], [detail[2]!.toLowerCase().replaceAll(' ', '-'), detail[3]]]
}
