/** Byte sizes as people write them (`64KiB`, `4MiB`, `2GiB`) and small helpers on bytes. */
const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 }

/** @returns bytes, or undefined when `text` is not `<number><B|KiB|MiB|GiB|TiB>` */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB)$/.exec(text)
  return match === null ? undefined : Math.round(Number(match[1]) * UNIT_BYTES[match[2]!]!)
}

export function formatBytes(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB'] as const) {
    if (bytes >= UNIT_BYTES[unit]!) return `${Number((bytes / UNIT_BYTES[unit]!).toFixed(1))}${unit}`
  }
  return `${bytes}B`
}

/** UTF-8 where the bytes are UTF-8, else latin-1: never throws, never loses the difference between two byte strings silently. */
export function decodeText(bytes: Uint8Array): { readonly text: string; readonly isUtf8: boolean } {
  try {
    return { text: STRICT_UTF8.decode(bytes), isUtf8: true }
  } catch {
    return { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'), isUtf8: false }
  }
}
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
