import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadHubConfig } from '../../../src/cli/hub-config.ts'
import { PROGRAM_ROOT } from '../../../src/cli/root.ts'
import { formatTextFault } from '#domain/fault.ts'

const folder = mkdtempSync(join(tmpdir(), 'hps-config-'))
const fileOf = (text: string): string => {
  const file = join(folder, 'hps.yaml')
  writeFileSync(file, text)
  return file
}
const load = (text: string, env: Readonly<Record<string, string>> = {}) => loadHubConfig({ file: fileOf(text), env, flags: [] })
const faultsOf = (text: string, env: Readonly<Record<string, string>> = {}): string[] => {
  const result = load(text, env)
  return result.ok ? [] : result.faults.map((fault) => formatTextFault(fault).replace(`${folder}/`, ''))
}

test.for<readonly [string, string]>([
  ['store: { retention: 30x }', 'hps.yaml:1:21: store.retention must be a duration above zero like 90s, 10m, 1h30m or 30d, not "30x"'],
  ['store: { segment_size: 0B }', 'hps.yaml:1:24: store.segment_size must be a size above zero like 512B, 64KiB, 4MiB or 2GiB, not "0B"'],
  ['syslog: { max_frame: 128KiB }', 'hps.yaml:1:22: syslog.max_frame must be at most 64KiB, not "128KiB"'],
  ['boot: { allow_from: [10.0.0.0/33] }', 'hps.yaml:1:22: boot.allow_from[0] must be an address or a network like 10.0.0.0/8 or fc00::/7, not "10.0.0.0/33"'],
  ['sources: [{ address: 10.0.0.5, zone: Europe/Nowhere }]', 'hps.yaml:1:38: sources[0].zone must be a zone like Europe/Berlin, +02:00 or UTC, not "Europe/Nowhere"'],
  ['http: { address: localhost }', 'hps.yaml:1:18: http.address must be an IPv4 or IPv6 address, not "localhost"'],
  ['boot: { profiles: { thin: { boot: net } } }', 'hps.yaml:1:27: boot.profiles.thin lacks `kernel` (boot: net fetches one)'],
  ['boot: { profiles: { own: { boot: disk, args: "a={{nod}}" } } }', 'hps.yaml:1:46: boot.profiles.own.args: there is no value `nod` (there are: node, session, hub, mac, address, labels)'],
  ['boot: { profiles: { own: { boot: disk, args: "a={{{node}}}" } } }', 'hps.yaml:1:46: boot.profiles.own.args: every value is escaped: there is no `{{{…}}}` (write `{{…}}`)'],
  ['mail: { user: a }', 'hps.yaml:1:15: mail.user is given, but mail.password_file is not'],
  ['mail: { user: a, password_file: /nowhere/at/all }', 'hps.yaml:1:33: mail.password_file must be a file that can be read (ENOENT), not "/nowhere/at/all"'],
  ['syslog: { listeners: [{ name: a, transport: tcp, port: 8080 }] }', 'hps.yaml:1:1: http claims tcp port 8080, which syslog listener a has already'],
  ['syslog: { listeners: [{ name: a, transport: udp, port: 1 }, { name: b, transport: udp, port: 1, address: 127.0.0.1 }] }', 'hps.yaml:1:94: syslog listener b claims udp port 1, which syslog listener a has already'],
  ['syslog: { listeners: [{ name: a, transport: tcp, port: 1, form: netconsole }] }', 'hps.yaml:1:65: syslog listener a is for netconsole, which comes by UDP only (transport: udp)'],
  ['sinks: [{ kind: file, name: a, path: a.log }, { kind: file, name: a, path: b.log }]', 'hps.yaml:1:67: two sinks have the name a (give each its own)'],
  ['sinks: [{ kind: file, name: a, path: a.log }, { kind: file, name: b, path: ./a.log }]', 'hps.yaml:1:76: two sinks have the path ./a.log (give each its own)'],
  ['sinks: [{ kind: file, name: a, path: a.log, rotate: { size: 5 MB } }]', 'hps.yaml:1:61: sinks[0].rotate.size must be `none` or a size above zero like 512B, 64KiB, 4MiB or 2GiB, not "5 MB"'],
  ['sinks: [{ kind: file, name: a, path: a.log, rotate: { age: 0s } }]', 'hps.yaml:1:60: sinks[0].rotate.age must be `none` or a duration above zero like 90s, 10m, 1h30m or 30d, not "0s"'],
  ['sinks: [{ kind: file, name: a, path: a.log, query: "app:(" }]', 'hps.yaml:1:52: sinks[0].query must be a search: column 5: nothing follows app:; column 6: something to look for is missing here, not "app:("'],
  ['sinks: [{ kind: syslog, name: a, path: a.log }]', 'hps.yaml:1:17: sinks[0].kind must be one of file, forward, not "syslog"'],
  ['sinks: [{ kind: file, name: a }]', 'hps.yaml:1:9: the sink a has no `path` (path: /var/log/hps.log)'],
  ['sinks: [{ kind: forward, name: a, transport: relp, port: 1 }]', 'hps.yaml:1:9: the sink a has no `host` (host: logs.example.org)'],
  ['sinks: [{ kind: forward, name: a, transport: udp, host: b, port: 1 }]', 'hps.yaml:1:46: sinks[0].transport must be one of relp, tcp, not "udp"'],
  ['sinks: [{ kind: forward, name: a, transport: tcp, host: b, port: 1, path: /c }]', 'hps.yaml:1:75: the sink a is of kind forward and has no `path` (kind: file, or leave it out)'],
  ['sinks: [{ kind: file, name: a, path: a.log, host: b }]', 'hps.yaml:1:51: the sink a is of kind file and has no `host` (kind: forward, or leave it out)'],
  ['sinks: [{ kind: forward, name: a, transport: tcp, host: b, port: 1, tls: { key_file: /dev/null } }]', 'hps.yaml:1:86: the sink a has a `key_file`, but no `certificate_file` (a certificate and its key go together)'],
  ['sinks: [{ kind: forward, name: a, transport: tcp, host: b, port: 1, tls: { ca_file: /nowhere/at/all } }]', 'hps.yaml:1:85: sinks[0].tls.ca_file must be a file that can be read (ENOENT), not "/nowhere/at/all"'],
  ['syslog: { listeners: [{ name: a, transport: udp, port: 1 }, { name: a, transport: tcp, port: 1 }] }', 'hps.yaml:1:69: two listeners are named a (names are labels in metrics: give each its own)'],
  ['syslog: { listeners: [{ name: a, transport: unix }] }', 'hps.yaml:1:23: syslog listener a has no `path` (path: /run/hps/log.sock)'],
  ['syslog: { listeners: [{ name: a, transport: unix, path: /a, port: 1 }] }', 'hps.yaml:1:67: syslog listener a is a unix socket and has no port (leave it out)'],
  ['syslog: { listeners: [{ name: a, transport: tcp }] }', 'hps.yaml:1:23: syslog listener a has no `port` (port: 514)'],
  ['syslog: { listeners: [{ name: a, transport: tcp, port: 1, path: /a }] }', 'hps.yaml:1:65: syslog listener a is no unix socket (transport: unix)'],
  ['syslog: { listeners: [{ name: a, transport: tcp, port: 1 }, { name: b, transport: relp, port: 1 }] }', 'hps.yaml:1:95: syslog listener b claims tcp port 1, which syslog listener a has already'],
  ['syslog: { listeners: [{ name: a, transport: udp, port: 1, tls: { certificate_file: /dev/null, key_file: /dev/null } }] }', 'hps.yaml:1:64: syslog listener a cannot speak TLS (transport: tcp, or relp)'],
  ['syslog: { listeners: [{ name: a, transport: tcp, port: 1, tls: { certificate_file: /dev/null, key_file: /dev/null, clients: required } }] }', 'hps.yaml:1:64: syslog listener a asks for client certificates (clients: required), but nobody says from whom (client_ca_file: the certificate of your authority)'],
  ['syslog: { listeners: [{ name: a, transport: tcp, port: 1, tls: { certificate_file: /dev/null, key_file: /nowhere/at/all } }] }', 'hps.yaml:1:105: syslog.listeners[0].tls.key_file must be a file that can be read (ENOENT), not "/nowhere/at/all"'],
])('%s is refused', ([text, expected]) => expect(faultsOf(text)).toEqual([expected]))

test.for([
  'syslog: { listeners: [{ name: a, transport: udp, port: 8080 }] }',
  'syslog: { listeners: [{ name: a, transport: tcp, port: 0 }, { name: b, transport: tcp, port: 0 }] }',
  'syslog: { listeners: [{ name: a, transport: udp, port: 1, address: 127.0.0.1 }, { name: b, transport: udp, port: 1, address: 127.0.0.2 }] }',
  'syslog: { listeners: [{ name: a, transport: tcp, port: 1, tls: { certificate_file: /dev/null, key_file: /dev/null } }, { name: b, transport: unix, path: /a, mode: "0666" }] }',
  'boot: { profiles: { local: { boot: disk } } }',
  'boot: { profiles: { own: { boot: disk, args: "a={{node}} b={{default labels.rack session}} {{#if (eq mac address)}}c{{/if}}" } } }',
])('%s is good', (text) => expect(faultsOf(text)).toEqual([]))

test('data that nobody gave lies beside the launcher; a relative one that somebody gave is relative to the working directory', () => {
  const dataOf = (text: string, env: Readonly<Record<string, string>> = {}): string => {
    const result = load(text, env)
    return result.ok ? result.value.data : 'faults'
  }
  expect(dataOf('')).toBe(join(PROGRAM_ROOT, 'data'))
  expect(dataOf('data: data')).toBe(resolve('data'))
  expect(dataOf('', { HPS_DATA: 'other' })).toBe(resolve('other'))
  expect(dataOf('data: /srv/hps')).toBe('/srv/hps')
})

test('a file that cannot be read is a fault of that file', () => {
  const result = loadHubConfig({ file: join(folder, 'absent.yaml'), env: {}, flags: [] })
  expect(result).toMatchObject({ ok: false, faults: [{ file: join(folder, 'absent.yaml'), line: 1, hint: 'give another with --config' }] })
})

test('the variables of the command line are no settings', () => expect(faultsOf('', { HPS_URL: 'http://x', HPS_TOKEN: 't', HPS_CONFIG: 'c', HPS_DEBUG: '1', HPS_NODE: '/n' })).toEqual([]))
