import { isTokenByte, isVariableToken } from '#domain/tokens.ts'

/** A piece of what lines have in common: text that is the same in all, or something that varies. */
export type Piece = { readonly kind: 'same'; readonly text: string } | { readonly kind: 'varies' }

/** Of a line this many pieces are compared; what is behind varies. */
const MAX_ATOMS = 400
/** Between two varying tokens these marks vary with them: `10.0.0.7:514`. */
const JOINTS = new Set(['.', ':', '/', '-'])

/** One text for each token and each mark; undefined for a token that varies (domain/tokens). */
type Atom = string | undefined

function atomsOf(text: string): readonly Atom[] {
  const bytes = Buffer.from(text)
  const atoms: Atom[] = []
  for (let at = 0; at < bytes.length && atoms.length < MAX_ATOMS; ) {
    const start = at
    if (isTokenByte(bytes[at]!)) while (at < bytes.length && isTokenByte(bytes[at]!)) at++
    else at++
    const varies = isTokenByte(bytes[start]!) && isVariableToken(bytes, { start, end: at, low: 0, high: bytes.length })
    const joint = atoms.at(-1)
    if (varies && joint !== undefined && JOINTS.has(joint) && atoms.length > 1 && atoms.at(-2) === undefined) atoms.pop()
    else atoms.push(varies ? undefined : bytes.subarray(start, at).toString())
  }
  if (atoms.length >= MAX_ATOMS) atoms.push(undefined)
  return atoms
}

/** What all texts have in common, in order; between it something varies. */
export function commonPieces(texts: readonly string[]): readonly Piece[] {
  const [first = [], ...rest] = texts.map(atomsOf)
  return piecesOf(rest.reduce<readonly Atom[]>(common, first))
}

/** The longest common subsequence, with one varying atom for each run that is not in it. */
function common(a: readonly Atom[], b: readonly Atom[]): readonly Atom[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
  }
  const out: Atom[] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      out.push(a[i])
      i++
      j++
      continue
    }
    if (out.length === 0 || out.at(-1) !== undefined) out.push(undefined)
    if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++
    else j++
  }
  return i < a.length || j < b.length ? [...out, undefined] : out
}

/** Neighbours become one piece. */
function piecesOf(atoms: readonly Atom[]): readonly Piece[] {
  const pieces: Piece[] = []
  for (const atom of atoms) {
    const last = pieces.at(-1)
    if (atom === undefined) {
      if (last?.kind !== 'varies') pieces.push({ kind: 'varies' })
    } else if (last?.kind === 'same') pieces[pieces.length - 1] = { kind: 'same', text: last.text + atom }
    else pieces.push({ kind: 'same', text: atom })
  }
  return pieces
}
