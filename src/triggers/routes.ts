import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import { loadConfig } from '#config/index.ts'
import { ok, type Result } from '#base/result.ts'
import type { TextFault } from '#domain/fault.ts'

/** `routes.yaml`: who is told. It stands apart from the rules, so that rules can be shared without addresses in them. */
const RoutesFileSchema = Type.Object(
  {
    format: Type.Integer({ minimum: 1, maximum: 1, description: 'Version of this format.' }),
    default: Type.Optional(Type.String({ description: 'The receiver for names that are not in this file.' })),
    receivers: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: '^[a-z0-9-]+$', description: 'What rules and trigger commands call it.' }),
          mail: Type.Array(Type.String({ pattern: '^[^@\\s<>,;"]+@[^@\\s<>,;"]+$' }), { minItems: 1, maxItems: 50, description: 'Addresses that get every mail to this receiver.' }),
        },
        { additionalProperties: false },
      ),
      { description: 'Receivers.' },
    ),
  },
  { additionalProperties: false },
)

interface Receiver { readonly name: string; readonly mail: readonly string[] }
export interface Routes {
  /** The file; undefined: there is none, and mails wait in the outbox. */
  readonly file: string | undefined
  readonly names: readonly string[]
  /** The receiver of this name, else the default one; undefined: nobody. */
  receiver(name: string): Receiver | undefined
}

export const NO_ROUTES: Routes = { file: undefined, names: [], receiver: () => undefined }

/** Every fault of the file at once, with its place. */
export function readRoutes(file: string, text: string): Result<Routes, TextFault> {
  const loaded = loadConfig({
    schema: RoutesFileSchema, file, text, env: {}, prefix: 'NONE',
    wholeChecks: [
      ({ receivers, default: name }) => (name === undefined || receivers.some((receiver) => receiver.name === name) ? [] : [{ path: ['default'], message: `there is no receiver \`${name}\`` }]),
      ({ receivers }) => receivers.flatMap(({ name }, index) => (receivers.findIndex((other) => other.name === name) === index ? [] : [{ path: ['receivers', index, 'name'], message: `there is a receiver \`${name}\` already` }])),
    ],
  })
  if (!loaded.ok) return loaded
  const { receivers, default: otherwise } = loaded.value
  const find = (name: string | undefined) => receivers.find((receiver) => receiver.name === name)
  return ok({ file, names: receivers.map(({ name }) => name), receiver: (name) => find(name) ?? find(otherwise) })
}

/** The file that is used: the one that was configured, else `routes.yaml` in the data folder, else in the first rule folder that has one. */
export function findRoutesFile({ configured, data, directories }: { readonly configured: string | undefined; readonly data: string; readonly directories: readonly string[] }): string | undefined {
  if (configured !== undefined) return configured
  return [data, ...directories].map((directory) => join(directory, 'routes.yaml')).find((file) => existsSync(file))
}

/** Reads the routes; no file is no fault. */
export function loadRoutes(where: Parameters<typeof findRoutesFile>[0]): Result<Routes, TextFault> {
  const file = findRoutesFile(where)
  if (file === undefined) return ok(NO_ROUTES)
  try {
    return readRoutes(file, readFileSync(file, 'utf8'))
  } catch (error) {
    return { ok: false, faults: [{ file, line: 1, column: 1, message: `cannot be read: ${(error as Error).message}` }] }
  }
}
