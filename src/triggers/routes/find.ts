import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ok, type Result } from '#base/result.ts'
import type { TextFault } from '#domain/fault.ts'
import { readRoutes } from './read.ts'
import type { ReadSecret } from './read-receiver.ts'
import { NO_ROUTES, type Routes } from './routes.ts'

/** The file that is used: the one that was configured, else `routes.yaml` in the data folder, else in the first rule folder that has one. */
export function findRoutesFile({ configured, data, directories }: { readonly configured: string | undefined; readonly data: string; readonly directories: readonly string[] }): string | undefined {
  if (configured !== undefined) return configured
  return [data, ...directories].map((directory) => join(directory, 'routes.yaml')).find((file) => existsSync(file))
}

/** Reads the routes and the secrets that they name; no file is no fault. */
export function loadRoutes(where: Parameters<typeof findRoutesFile>[0]): Result<Routes, TextFault> {
  const file = findRoutesFile(where)
  if (file === undefined) return ok(NO_ROUTES)
  try {
    return readRoutes(file, readFileSync(file, 'utf8'), secretsBeside(file))
  } catch (error) {
    return { ok: false, faults: [{ file, line: 1, column: 1, message: `cannot be read: ${(error as Error).message}` }] }
  }
}

/** Files that the routes name are relative to them. */
function secretsBeside(file: string): ReadSecret {
  return (path) => {
    try {
      return ok(readFileSync(resolve(dirname(file), path), 'utf8'))
    } catch (error) {
      return { ok: false, faults: [(error as NodeJS.ErrnoException).code ?? String(error)] }
    }
  }
}
