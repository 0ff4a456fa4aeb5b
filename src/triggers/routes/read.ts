import { loadConfig } from '#config/index.ts'
import { ok, type Result } from '#base/result.ts'
import type { TextFault } from '#domain/fault.ts'
import { checkReceivers, readReceiver, type ReadSecret } from './read-receiver.ts'
import { checkQuiet, readQuiet } from './read-quiet.ts'
import { checkTree, readTree } from './read-tree.ts'
import { BARE_ROOT, type Receiver, type Routes } from './routes.ts'
import { RoutesFileSchema, type RoutesFile } from './schema.ts'

/** No files: secrets cannot be read. */
const readNothing: ReadSecret = () => ({ ok: false, faults: ['no files are read here'] })

/** Every fault of the file at once, with its place. `readSecret` reads a file that it names, relative to it. */
export function readRoutes(file: string, text: string, readSecret: ReadSecret = readNothing): Result<Routes, TextFault> {
  const loaded = loadConfig({
    schema: RoutesFileSchema, file, text, env: {}, prefix: 'NONE',
    wholeChecks: [
      (read) => checkQuiet(read as RoutesFile),
      (read) => checkReceivers(read as RoutesFile, readSecret),
      (read) => checkTree(read as RoutesFile),
    ],
  })
  if (!loaded.ok) return loaded
  const read = loaded.value as RoutesFile
  const quiet = readQuiet(read)
  const receivers = new Map<string, Receiver>(read.receivers.map((receiver) => [receiver.name, readReceiver(receiver, { quiet, readSecret })]))
  const otherwise = read.default === undefined ? undefined : receivers.get(read.default)
  return ok({
    file,
    names: [...receivers.keys()],
    receiver: (name) => receivers.get(name) ?? otherwise,
    root: read.route === undefined ? BARE_ROOT : readTree(read.route, read.default),
    fallback: read.fallback,
  })
}
