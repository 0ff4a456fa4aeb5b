/**
 * Strips the types of every source that changed since it was last done: `node strip-sources.mjs <sources> <kept>`. Positions
 * stay as they are, so that a stack trace names the line of the source. The last line says which state of the source it is.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'

const [sources, kept] = process.argv.slice(2)

for (const name of readdirSync(sources, { recursive: true })) {
  if (!name.endsWith('.ts')) continue
  const target = join(kept, name)
  const { mtimeMs, size } = statSync(join(sources, name))
  const state = `\n//${mtimeMs} ${size}`
  if (isOf(target, state)) continue
  mkdirSync(dirname(target), { recursive: true })
  // another process may be reading it, or doing the same
  const unfinished = `${target}.${process.pid}`
  try {
    writeFileSync(unfinished, stripTypeScriptTypes(readFileSync(join(sources, name), 'utf8')) + state)
    renameSync(unfinished, target)
  } catch (fault) {
    if (fault.code !== 'ERR_INVALID_TYPESCRIPT_SYNTAX' && fault.code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') throw fault // that file is told of when it is loaded
  }
}

function isOf(target, state) {
  try {
    return readFileSync(target, 'utf8').endsWith(state)
  } catch {
    return false // not there yet
  }
}
