import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { AppFault } from '#domain/fault.ts'

/**
 * Query and path values are text and become the numbers the schema asks for; a body is taken exactly as it was sent
 * (`3.20` stays `3.20`), and a member that no schema knows is a fault, not silently dropped.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const shape = Compile(schema)
  return (value: unknown) => {
    const ready: unknown = httpPart === 'body' ? value : Value.Default(schema, Value.Convert(schema, { ...(value as object) }))
    if (shape.Check(ready)) return { value: ready }
    const [first] = shape.Errors(ready)
    const place = first?.instancePath.replace(/^\//, '').replaceAll('/', '.') ?? ''
    return { error: new AppFault('bad-request', `${PARTS[httpPart ?? ''] ?? 'The request'}${place === '' ? '' : `, ${place}`}: ${first?.message ?? 'does not fit'}`) }
  }
}

const PARTS: Readonly<Record<string, string>> = { querystring: 'The query', params: 'The path', body: 'The body', headers: 'The headers' }
