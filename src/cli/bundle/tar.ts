import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'

/** One thing in an archive. `name` is relative, with `/`, without a leading `./`. */
export type TarEntry =
  /** `from`: a path, or the content itself. */
  | { readonly kind: 'file'; readonly name: string; readonly isExecutable: boolean; readonly from: string | Uint8Array }
  | { readonly kind: 'link'; readonly name: string; readonly target: string }

const BLOCK_BYTES = 512
const MAX_NAME_BYTES = 100
const MAX_PREFIX_BYTES = 155
/** Larger files are streamed, and must not change meanwhile; smaller ones are read whole, and may. */
const MAX_WHOLE_BYTES = 1024 * 1024

/**
 * A POSIX ustar archive (IEEE 1003.1, `pax` interchange format), the same bytes for the same entries: one time for all, no owner,
 * and no other order than the one given. Throws when a large file changes its size while it is read.
 */
export async function* tarChunks(entries: Iterable<TarEntry>, mtimeSeconds: number): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    const content = entry.kind === 'file' ? await contentOf(entry.from) : NOTHING
    const size = content.sizeBytes
    const target = entry.kind === 'link' ? entry.target : ''
    const split = splitName(entry.name)
    if (split === undefined || Buffer.byteLength(target) > MAX_NAME_BYTES) yield* paxHeader({ path: entry.name, ...(target === '' ? {} : { linkpath: target }) }, mtimeSeconds)
    const { name, prefix } = split ?? { name: entry.name.slice(0, MAX_NAME_BYTES), prefix: '' }
    const mode = entry.kind === 'file' && !entry.isExecutable ? 0o644 : 0o755
    yield header({ name, prefix, target: target.slice(0, MAX_NAME_BYTES), mode, size, type: entry.kind === 'file' ? '0' : '2', mtimeSeconds })
    if (entry.kind === 'file') yield* body(entry.name, content)
  }
  yield new Uint8Array(BLOCK_BYTES * 2)
}

interface Content {
  readonly sizeBytes: number
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}
const NOTHING: Content = { sizeBytes: 0, chunks: [] }

async function contentOf(from: string | Uint8Array): Promise<Content> {
  if (typeof from === 'string') {
    const { size } = await stat(from)
    if (size > MAX_WHOLE_BYTES) return { sizeBytes: size, chunks: createReadStream(from) }
  }
  const bytes = typeof from === 'string' ? await readFile(from) : from
  return { sizeBytes: bytes.length, chunks: [bytes] }
}

async function* body(name: string, { sizeBytes, chunks }: Content): AsyncGenerator<Uint8Array> {
  let written = 0
  for await (const chunk of chunks) {
    written += chunk.length
    yield chunk
  }
  if (written !== sizeBytes) throw new Error(`${name} changed while it was read: ${written} bytes instead of ${sizeBytes}`)
  yield padding(written)
}

const padding = (bytes: number): Uint8Array => new Uint8Array((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES)

/** A name of up to 255 bytes goes into two fields, cut at a slash; undefined when it does not fit. */
function splitName(name: string): { readonly name: string; readonly prefix: string } | undefined {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return { name, prefix: '' }
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)]
    if (Buffer.byteLength(prefix) <= MAX_PREFIX_BYTES && Buffer.byteLength(rest) <= MAX_NAME_BYTES) return { name: rest, prefix }
  }
  return undefined
}

function* paxHeader(values: Readonly<Record<string, string>>, mtimeSeconds: number): Generator<Uint8Array> {
  const text = Buffer.from(Object.entries(values).map(([key, value]) => paxRecord(key, value)).join(''))
  yield header({ name: 'pax', prefix: '', target: '', mode: 0o644, size: text.length, type: 'x', mtimeSeconds })
  yield text
  yield padding(text.length)
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = Buffer.byteLength(rest) + 1
  while (String(length).length + Buffer.byteLength(rest) !== length) length = String(length).length + Buffer.byteLength(rest)
  return `${length}${rest}`
}

interface Header {
  readonly name: string
  readonly prefix: string
  readonly target: string
  readonly mode: number
  readonly size: number
  readonly type: string
  readonly mtimeSeconds: number
}

function header({ name, prefix, target, mode, size, type, mtimeSeconds }: Header): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  const fields: readonly (readonly [offset: number, text: string])[] = [
    [0, name], [100, octal(mode, 7)], [108, octal(0, 7)], [116, octal(0, 7)], [124, octal(size, 11)], [136, octal(mtimeSeconds, 11)],
    [148, ' '.repeat(8)], [156, type], [157, target], [257, 'ustar\u000000'], [329, octal(0, 7)], [337, octal(0, 7)], [345, prefix],
  ]
  for (const [offset, text] of fields) block.write(text, offset)
  block.write(`${block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
