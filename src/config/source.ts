import { isMap, isPair, isScalar, LineCounter, parseDocument, type Document, type Pair } from 'yaml'
import type { TextFault } from '#domain/fault.ts'
import type { Path } from './schema.ts'

/** Where a part of the configuration came from: a file, a variable, a flag. */
export interface ConfigSource {
  /** As faults name it: the file, `$HPS_HTTP_PORT`, `--port`. */
  readonly name: string
  readonly value: unknown
  /** Why the text could not be read; then `value` is undefined. */
  readonly faults: readonly TextFault[]
  /** Line and column, from 1, of the value at `path`, or of its nearest parent that stands in the text. */
  locate(path: Path): Position
  /** The same of a key. */
  locateKey(path: Path): Position
}
interface Position {
  readonly line: number
  readonly column: number
}

const START: Position = { line: 1, column: 1 }

/** Something that is not a text with lines: one value of a variable or a flag. */
export const plainSource = (name: string, value: unknown): ConfigSource => ({ name, value, faults: [], locate: () => START, locateKey: () => START })

/** YAML 1.2 with positions. Duplicate keys, a second document and unknown tags are faults. */
export function yamlSource(name: string, text: string): ConfigSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const faults = [...document.errors, ...document.warnings].map((error): TextFault => ({ file: name, ...position(error.pos[0]), message: error.message }))
  const value = faults.length > 0 ? undefined : valueOf(document, (message) => faults.push({ file: name, ...START, message }))
  return {
    name,
    value,
    faults,
    locate: (path) => position(offsetOf(document, path)),
    locateKey: (path) => position(keyOffsetOf(document, path)),
  }
}

/** Aliases that stand for aliases can make a few lines into gigabytes: the reader counts them and throws a `ReferenceError`. */
function valueOf(document: Document, refused: (why: string) => void): unknown {
  try {
    return document.toJS()
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    refused('aliases (`*name`) that stand for too much')
    return undefined
  }
}

function offsetOf(document: Document, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true)
    const offset = (node as { range?: readonly number[] } | undefined)?.range?.[0]
    if (offset !== undefined) return offset
  }
  return document.contents?.range?.[0] ?? 0
}

function keyOffsetOf(document: Document, path: Path): number {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const key = path.at(-1)
  const pair = isMap(parent) ? parent.items.find((item): item is Pair => isPair(item) && isScalar(item.key) && String(item.key.value) === key) : undefined
  return (pair?.key as { range?: readonly number[] } | undefined)?.range?.[0] ?? offsetOf(document, path)
}
