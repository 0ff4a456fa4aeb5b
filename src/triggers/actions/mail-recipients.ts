import type { Refusal } from './mail-failure.ts'

/** Rows of which some recipients are settled and others are not; beyond it the oldest is forgotten, and its recipients get the mail once more. */
const MAX_ROWS = 1000

/**
 * Which recipients of a row are settled: a server may take one and put off another (greylisting does). Only those that are left get the next try. In memory:
 * after a restart all of them get it, under the same Message-ID, by which mail systems know a copy.
 */
export function createRecipients() {
  const rows = new Map<number, { readonly took: Set<string>; readonly refused: Map<string, string> }>()

  function of(row: number) {
    const known = rows.get(row) ?? { took: new Set<string>(), refused: new Map<string, string>() }
    rows.set(row, known)
    if (rows.size > MAX_ROWS) rows.delete(rows.keys().next().value!)
    return known
  }

  return {
    /** Addresses that are to be tried. */
    left(row: number, addresses: readonly string[]): readonly string[] {
      const known = rows.get(row)
      return known === undefined ? addresses : addresses.filter((address) => !known.took.has(address) && !known.refused.has(address))
    },
    note(row: number, { took, refusals }: { readonly took: readonly string[]; readonly refusals: readonly Refusal[] }): void {
      const known = of(row)
      for (const address of took) known.took.add(address)
      for (const { address, isPermanent, reply } of refusals) if (isPermanent) known.refused.set(address, reply)
    },
    /** Who has it, and who was refused for good, with the answer. */
    settled(row: number): { readonly took: readonly string[]; readonly refused: readonly string[] } {
      const known = rows.get(row)
      return { took: [...(known?.took ?? [])], refused: [...(known?.refused ?? [])].map(([address, reply]) => `${address}: ${reply}`) }
    },
    forget: (row: number): void => void rows.delete(row),
  }
}
