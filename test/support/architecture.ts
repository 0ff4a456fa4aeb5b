/** The house as data (docs/architecture.md draws it) and the check that holds the sources to it. Pure: files come in as texts. */

/** A folder imports only from lower layers; folders of one layer never import each other. */
export const LAYERS = [
  ['base'],
  ['domain'],
  ['telemetry', 'config', 'render', 'store'],
  ['ingest', 'sessions', 'triggers', 'provision', 'sinks'],
  ['api', 'web'],
  ['cli', 'app', 'demo'],
  ['main.ts'],
] as const

/** Exceptions inside a layer: the command line starts the hub and the demo; the hub hands the demo its ports. */
const SAME_LAYER: Readonly<Record<string, readonly string[]>> = { cli: ['app', 'demo'], app: ['demo'], api: ['web'] }

/** Any file of these may be imported from outside; of all others only `index.ts`. */
const OPEN_FOLDERS: readonly string[] = ['base', 'domain']
/** `<folder>/config.ts` is a second front door for those who join the slices. */
const CONFIG_READERS: readonly string[] = ['app', 'cli']
/** `<folder>/threads.ts` is a second front door for thread entries: what they load costs memory once a thread. */
const THREAD_ENTRIES = 'app/threads/'

/** A package or builtin, and the only places that may import it. An empty list: nobody. */
export const FENCES: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['store/'],
  'node:sqlite': [],
  fastify: ['api/'],
  '@fastify/*': ['api/'],
  handlebars: ['render/'],
  nodemailer: ['triggers/actions/'],
  'node-cron': ['triggers/schedule/'],
  'prom-client': ['telemetry/'],
  pino: ['telemetry/'],
  'node:dgram': ['ingest/listeners/', 'demo/'],
  'node:net': ['ingest/listeners/', 'sinks/upstream/', 'demo/', 'base/ip.ts'], // base/ip.ts: isIP and BlockList, no sockets
  'node:tls': ['ingest/listeners/', 'sinks/upstream/'],
  yaml: ['config/', 'triggers/'],
  re2js: ['triggers/match/', 'store/query/'],
  commander: ['cli/'],
  'node:worker_threads': ['app/', 'store/log/read'],
}

export const MAX_LINES = 300

export interface Violation {
  readonly file: string
  readonly rule: 'layer' | 'front-door' | 'fence' | 'cycle' | 'length' | 'unresolved' | 'spelling'
  readonly detail: string
}

/** Static imports and re-exports, bare imports, dynamic imports and `import.meta.resolve`, `new URL('./x.ts', import.meta.url)`. */
const IMPORT =
  /^[ \t]*(?:import|export)\s(?:[^'";]*?\sfrom\s*)?['"](?<named>[^'"\n]+)['"]|\bimport(?:\.meta\.resolve)?\(\s*['"](?<dynamic>[^'"\n]+)['"]|\bnew URL\(\s*['"](?<url>[^'"\n]+\.ts)['"]\s*,\s*import\.meta\.url/gm

export function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map(({ groups }) => groups!['named'] ?? groups!['dynamic'] ?? groups!['url']!)
}

/** @param files text by path relative to `src/`, e.g. `store/index.ts` */
export function findViolations(files: ReadonlyMap<string, string>): Violation[] {
  const found: Violation[] = []
  const graph = new Map<string, string[]>()
  for (const [file, text] of files) {
    const lines = text.split('\n').length - 1
    if (lines > MAX_LINES) found.push({ file, rule: 'length', detail: `${lines} lines` })
    const targets: string[] = []
    for (const specifier of importsOf(text)) {
      if (specifier.endsWith('/package.json')) continue // the version: data, no code
      if (!isLocal(specifier)) {
        found.push(...fenceViolations(file, specifier))
        continue
      }
      const target = resolve(file, specifier)
      if (!files.has(target)) found.push({ file, rule: 'unresolved', detail: specifier })
      else targets.push(target)
      found.push(...houseViolations(file, target), ...spellingViolations(file, target, specifier))
    }
    graph.set(file, targets)
  }
  return [...found, ...findCycles(graph).map((cycle): Violation => ({ file: cycle[0]!, rule: 'cycle', detail: cycle.join(' > ') }))]
}

const isLocal = (specifier: string): boolean => specifier.startsWith('#') || specifier.startsWith('.')
const folderOf = (file: string): string => file.split('/')[0]!

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1)
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

function fenceViolations(file: string, specifier: string): Violation[] {
  const name = specifier.startsWith('@') ? `${specifier.split('/')[0]}/*` : specifier.startsWith('node:') ? specifier : specifier.split('/')[0]!
  const allowed = FENCES[name]
  if (allowed === undefined || allowed.some((place) => file.startsWith(place))) return []
  return [{ file, rule: 'fence', detail: `${specifier} belongs in ${allowed.join(' or ') || 'no folder'}` }]
}

function houseViolations(file: string, target: string): Violation[] {
  const [from, to] = [folderOf(file), folderOf(target)]
  if (from === to) return []
  const found: Violation[] = []
  const [fromLayer, toLayer] = [layerOf(from), layerOf(to)]
  if (fromLayer < 0 || toLayer < 0) found.push({ file, rule: 'layer', detail: `${fromLayer < 0 ? from : to} is not in the table` })
  else if (toLayer > fromLayer || (toLayer === fromLayer && !SAME_LAYER[from]?.includes(to))) {
    found.push({ file, rule: 'layer', detail: `${from} (L${fromLayer}) imports ${to} (L${toLayer})` })
  }
  const isConfig = target === `${to}/config.ts` && CONFIG_READERS.includes(from)
  const isThreadDoor = target === `${to}/threads.ts` && file.startsWith(THREAD_ENTRIES)
  if (!OPEN_FOLDERS.includes(to) && target !== `${to}/index.ts` && !isConfig && !isThreadDoor) found.push({ file, rule: 'front-door', detail: target })
  return found
}

/** `#folder/file.ts` across folders, `./file.ts` inside one: a file can be found by its name, and a folder can be moved. */
function spellingViolations(file: string, target: string, specifier: string): Violation[] {
  const crosses = folderOf(file) !== folderOf(target)
  return crosses && specifier.startsWith('.') ? [{ file, rule: 'spelling', detail: `${specifier} leaves its folder; write #${target}` }] : []
}

const layerOf = (folder: string): number => LAYERS.findIndex((layer) => (layer as readonly string[]).includes(folder))

/** Depth first; each cycle once, from the file that comes first in the walk. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) return void cycles.push([...path.slice(start), file])
    if (done.has(file)) return
    for (const target of graph.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return cycles
}
