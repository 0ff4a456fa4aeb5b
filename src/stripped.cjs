/**
 * Loaded before the program in every thread (`node --require`): sources come as the JavaScript that was made of them once.
 * Without it each thread would either load the engine of Node that strips types (nine megabytes) or hold Node's compile
 * cache of all it imports for as long as it lives (five). JavaScript itself, because TypeScript would need what it replaces.
 */
const { spawnSync } = require('node:child_process')
const { readFileSync, statSync } = require('node:fs')
const { registerHooks } = require('node:module')
const { join } = require('node:path')
const { fileURLToPath } = require('node:url')

const SOURCES = __dirname
/** Beside the packages, or where systemd keeps things for a service that may not write there (CacheDirectory=). Of this Node only: another one may strip differently. */
const KEPT = join(process.env.CACHE_DIRECTORY ?? join(SOURCES, '../node_modules/.cache/hps'), `stripped-${process.version}`)
const MAKER = join(SOURCES, 'strip-sources.mjs')

/** Where nothing can be kept, Node strips each file itself, as without us. */
let canMake = true

registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
    const path = fileURLToPath(url)
    if (!path.startsWith(`${SOURCES}/`)) return next(url, context)
    const source = keptText(path) ?? makeText(path)
    return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true }
  },
})

/** @returns undefined when the source is newer, or was never stripped */
function keptText(path) {
  try {
    const { mtimeMs, size } = statSync(path)
    const text = readFileSync(KEPT + path.slice(SOURCES.length), 'utf8')
    return text.endsWith(`\n//${mtimeMs} ${size}`) ? text : undefined
  } catch {
    return undefined // not there: it will be made
  }
}

/** In a process of its own, which takes the memory for it along when it ends. */
function makeText(path) {
  if (!canMake) return undefined
  spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', MAKER, SOURCES, KEPT], { stdio: 'ignore' })
  const text = keptText(path)
  canMake = text !== undefined
  return text
}
