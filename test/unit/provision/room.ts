import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { Value } from 'typebox/value'
import { BootConfig } from '#provision/config.ts'
import { createProvision, PROVISION_METRICS, type AskWriter, type BootFacts, type Provision, type WriterAnswer, type WriterRequest } from '#provision/index.ts'
import { createRenderer } from '#render/index.ts'
import { openHubDatabase, type HubDatabase } from '#store/index.ts'
import { createMetrics, silentLogger, type Metrics } from '#telemetry/index.ts'

/** The room with a real `hub.db`, real renderer and a log writer by hand that keeps the tables the way the real one does. */
export interface Room extends Provision, Disposable {
  readonly db: HubDatabase
  readonly folder: string
  readonly assets: string
  readonly writer: WriterByHand
  readonly metrics: Metrics
  now: number
}

export const PROFILES = `
tch: { boot: net, kernel: alpine/vmlinuz, initrd: [alpine/initrd.img], args: 'console=ttyS0 hps.hub={{hub}} hps.node={{node}} rack={{default labels.rack "none"}}' }
sch: { boot: install, kernel: alpine/vmlinuz, initrd: [alpine/initrd.img, alpine/extra.img] }
own: { boot: disk }
bare: { boot: net, kernel: missing/vmlinuz }
`

export function aRoom({ config = {}, profiles = PROFILES, gate }: { readonly config?: Partial<BootConfig>; readonly profiles?: string; readonly gate?: Promise<void> } = {}): Room {
  const folder = mkdtempSync(join(tmpdir(), 'hps-provision-'))
  const assets = join(folder, 'assets')
  mkdirSync(join(assets, 'alpine'), { recursive: true })
  for (const file of ['vmlinuz', 'initrd.img', 'extra.img']) writeFileSync(join(assets, 'alpine', file), file)
  const db = openHubDatabase(join(folder, 'hub.db'))
  db.pragma('synchronous = OFF') // what is tested here does not outlive a power cut
  const metrics = createMetrics(PROVISION_METRICS)
  const full = Value.Default(BootConfig, { profiles: parse(profiles) as unknown, ...config }) as BootConfig
  const clock = { now: Date.UTC(2026, 10, 22, 12) }
  const writer = createWriterByHand(db, () => clock.now, gate)
  const renderer = createRenderer()
  const provision = createProvision({ db, config: full, writer: writer.ask, clock: () => clock.now, log: silentLogger, metrics, compile: (template) => renderer.compile(template), assetsDirectory: assets })
  return {
    ...provision, db, folder, assets, writer, metrics,
    get now() {
      return clock.now
    },
    set now(ms) {
      clock.now = ms
    },
    [Symbol.dispose]() {
      db.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export interface WriterByHand {
  readonly ask: AskWriter
  readonly asked: WriterRequest[]
  /** DHCP leased this address to this MAC. */
  lease(address: string, mac: string): void
}

function createWriterByHand(db: HubDatabase, clock: () => number, gate: Promise<void> | undefined): WriterByHand {
  const leases = new Map<string, string>()
  const asked: WriterRequest[] = []
  const idOf = (sql: string, value: string): number | undefined => (db.prepare(sql).get(value) as { id: number } | undefined)?.id
  const byMac = (mac: string | undefined) => (mac === undefined ? undefined : idOf('SELECT node_id AS id FROM node_macs WHERE mac = ?', mac))
  const byName = (name: string) => idOf('SELECT id FROM nodes WHERE name = ?', name)

  function register({ name, macs, addresses, aliases, rename }: Extract<WriterRequest, { kind: 'register' }>): WriterAnswer {
    const id = byName(name) ?? Number(db.prepare('INSERT INTO nodes (name, registered, created_ms) VALUES (?, 1, ?)').run(name, clock()).lastInsertRowid)
    const foreign = macs?.find((mac) => (byMac(mac) ?? id) !== id)
    if (foreign !== undefined) return { ok: false, code: 'conflict', reason: `${foreign} is the MAC of another node` }
    if (rename !== undefined && (byName(rename) ?? id) !== id) return { ok: false, code: 'conflict', reason: `${rename} is another node` }
    db.prepare('UPDATE nodes SET name = ?, registered = 1 WHERE id = ?').run(rename ?? name, id)
    const replace = (table: string, column: string, values: readonly string[] | undefined, extra = '', extraValues = ''): void => {
      if (values === undefined) return
      db.prepare(`DELETE FROM ${table} WHERE node_id = ?`).run(id)
      for (const value of values) db.prepare(`INSERT INTO ${table} (${column}, node_id${extra}) VALUES (?, ?${extraValues})`).run(value, id)
    }
    replace('node_macs', 'mac', macs)
    replace('node_names', 'name', aliases)
    db.prepare('INSERT OR REPLACE INTO node_names (name, node_id) VALUES (?, ?)').run(rename ?? name, id)
    replace('node_addresses', 'address', addresses, ', kind, since_ms', ", 'registered', 0")
    return { ok: true, nodeId: id }
  }

  function identify({ mac, address }: Extract<WriterRequest, { kind: 'identify' }>): WriterAnswer {
    const leaseMac = leases.get(address ?? '')
    const lease = leaseMac === undefined ? {} : { leaseMac }
    const own = byMac(mac)
    if (own !== undefined) return { ok: true, nodeId: own, by: 'mac', ...lease }
    const registered = idOf("SELECT node_id AS id FROM node_addresses WHERE kind = 'registered' AND address = ?", address ?? '')
    if (registered !== undefined) return { ok: true, nodeId: registered, by: 'registered-address', ...lease }
    const leased = byMac(leaseMac)
    return leased === undefined ? { ok: true, by: 'none', ...lease } : { ok: true, nodeId: leased, by: 'lease', ...lease }
  }

  function open({ nodeId }: Extract<WriterRequest, { kind: 'open' }>): WriterAnswer {
    const current = db.prepare('SELECT current_session AS id FROM nodes WHERE id = ?').get(nodeId) as { id: number | null } | undefined
    if (current === undefined) return { ok: false, code: 'not-found', reason: `no node ${nodeId}` }
    if (current.id !== null) return { ok: true, nodeId, sessionId: current.id, hash: hash(current.id), joined: true }
    const id = Number(db.prepare("INSERT INTO sessions (node_id, kind, origin, state, opened_ms) VALUES (?, 'boot', 'decision', 'open', ?)").run(nodeId, clock()).lastInsertRowid)
    db.prepare('UPDATE nodes SET current_session = ? WHERE id = ?').run(id, nodeId)
    db.prepare('INSERT INTO session_hashes (hash, session_id, since_ms) VALUES (?, ?, 0)').run(hash(id), id)
    return { ok: true, nodeId, sessionId: id, hash: hash(id), joined: false }
  }

  return {
    asked,
    lease: (address, mac) => void leases.set(address, mac),
    async ask(request) {
      asked.push(request)
      await gate
      switch (request.kind) {
        case 'register':
          return register(request)
        case 'identify':
          return identify(request)
        case 'open':
          return open(request)
        case 'flush':
          return { ok: true }
      }
    },
  }
}

export const hash = (id: number): string => `abc${id.toString(16).padStart(3, '0')}`

/** A request of iPXE at an address of the test network. */
export const facts = (over: Partial<BootFacts> = {}): BootFacts => ({ address: '10.77.0.50', mac: '52:54:00:12:34:56', userAgent: 'iPXE/1.0.0', hubUrl: 'http://10.77.0.1:8080', ...over })
