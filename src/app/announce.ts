import type { BoundListener } from '#ingest/index.ts'
import type { Logger } from '#telemetry/index.ts'

/** The port that DHCP option 7 and most devices mean: the option carries an address and no port. */
const SYSLOG_PORT = 514

export interface Announcement {
  readonly print: (line: string) => void
  readonly log: Logger
  readonly version: string
  readonly httpUrl: string
  readonly syslog: readonly BoundListener[]
  /** Only at first start; later it is asked for with `hps token create`. */
  readonly operatorLink: string | undefined
  readonly tokenFile: string
  readonly data: string
}

/** What a person who has just started the hub needs to see. The link is printed and never logged. */
export function announce({ print, log, version, httpUrl, syslog, operatorLink, tokenFile, data }: Announcement): void {
  log.info({ version, http: httpUrl, syslog: syslog.map((listener) => `${listener.transport}:${listener.transport === 'unix' ? listener.address : listener.port}`).join(',') }, 'Hub started')
  print('')
  print(`  HPS hub ${version} is ready; everything it keeps is in ${data}`)
  for (const listener of syslog) print(`  syslog   ${describeListener(listener)}`)
  print(`  pages    ${httpUrl}/`)
  if (operatorLink === undefined) print(`  log in   with the operator token in ${tokenFile}; make others with ./hps token create operator`)
  else print(`  open as operator (keep this link to yourself): ${operatorLink}`)
  if (!syslog.some((listener) => listener.transport === 'udp' && listener.port === SYSLOG_PORT)) {
    print(`  note     UDP port ${SYSLOG_PORT} is not bound: nodes that learn the log server by DHCP (option 7 carries no port) will not be heard.`)
    print('           Add a listener on 514 in the configuration; it needs root or CAP_NET_BIND_SERVICE (deploy/systemd has a unit).')
  }
  print('')
}

function describeListener({ transport, address, port, isSecure }: BoundListener): string {
  if (transport === 'unix') return `unix ${address}`
  return `${transport.toUpperCase()}${isSecure === true ? ' with TLS' : ''} ${address.includes(':') ? `[${address}]` : address}:${port}`
}
