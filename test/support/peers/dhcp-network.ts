import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until, type Child } from '../child.ts'
import type { Machine } from '../machine.ts'

/** A network behind a machine: dnsmasq on the machine gives addresses, names and files; clients sit in a namespace of their own. */
export interface DhcpNetwork {
  readonly mac: string
  /** A DHCP exchange of a real client. @returns the address it was given */
  lease(hostName: string): Promise<string>
  /** Runs a command where the client is. */
  inside(command: string): Promise<string>
}

const SCRIPT = `#!/bin/sh
case $1 in bound) ip addr flush dev "$interface"; ip addr add "$ip/24" dev "$interface"; echo "leased $ip" ;; esac
`

/** The machine must have a log daemon that listens on its /dev/log. */
export async function startDhcpNetwork(machine: Machine, { mac }: { readonly mac: string }): Promise<DhcpNetwork> {
  const { folder } = machine
  writeFileSync(join(folder, 'leased'), SCRIPT, { mode: 0o755 })
  writeFileSync(join(folder, 'boot-file'), 'a file to fetch\n')
  const client: Child = machine.start('unshare', ['--net', 'sh', '-c', `echo $$ >${folder}/client; exec sleep infinity`])
  await until('the client', async () => (await machine.sh(`cat ${folder}/client 2>/dev/null || true`)).trim() !== '' && client.running())
  const pid = (await machine.sh(`cat ${folder}/client`)).trim()
  await machine.sh(`ip link add lan type veth peer name client; ip link set client netns ${pid}; ip addr add 10.44.0.1/24 dev lan; ip link set lan up`)
  const inside = (command: string): Promise<string> => machine.sh(`nsenter --target ${pid} --net -- ${command}`)
  await inside(`sh -c 'ip link set lo up; ip link set client address ${mac}; ip link set client up'`)
  const config = ['port=53', 'interface=lan', 'bind-interfaces', 'except-interface=lo', 'no-resolv', 'no-hosts', 'no-ping', 'dhcp-authoritative', 'log-dhcp', 'log-queries=extra',
    'address=/hub.lab.test/10.44.0.1', 'enable-tftp', `tftp-root=${folder}`, 'dhcp-range=10.44.0.50,10.44.0.60,255.255.255.0,10m', `dhcp-leasefile=${folder}/leases`]
  writeFileSync(join(folder, 'dnsmasq.conf'), `${config.join('\n')}\n`)
  const server = machine.start('dnsmasq', ['--keep-in-foreground', '--conf-file=' + join(folder, 'dnsmasq.conf'), '--user=root', '--pid-file='])
  await until('dnsmasq to listen', async () => {
    if (!server.running()) throw new Error(`it ended: ${server.output()}`)
    return (await machine.sh('ss -Hlnu sport = :67')).includes(':67')
  })
  return {
    mac,
    inside,
    async lease(hostName) {
      const said = await inside(`busybox udhcpc -i client -n -q -f -t 5 -T 1 -x hostname:${hostName} -s ${folder}/leased 2>&1`)
      return /leased (\S+)/.exec(said)?.[1] ?? said
    },
  }
}
