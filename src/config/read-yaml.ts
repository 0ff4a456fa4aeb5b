import { fail, ok, type Result } from '#base/result.ts'
import type { TextFault } from '#domain/fault.ts'
import { yamlSource } from './source.ts'

/** A YAML (or JSON, which is YAML) text as a plain value, or its faults with positions; no schema. */
export function readYaml(file: string, text: string): Result<unknown, TextFault> {
  const source = yamlSource(file, text)
  return source.faults.length === 0 ? ok(source.value) : fail(...source.faults)
}
