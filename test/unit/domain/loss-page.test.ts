import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { COMPLETENESS_REASONS, COMPLETENESS_VERDICTS } from '#domain/completeness.ts'
import { LOSS_REASONS, LOSSES } from '#domain/loss.ts'

const page = readFileSync(new URL('../../../docs/reference/loss.md', import.meta.url), 'utf8')
const WORD = { lost: 'lost', cut: 'cut', may: 'perhaps', twice: 'twice' } as const

describe('docs/reference/loss.md', () => {
  test('has every reason of the ledger in order, with what it means and what mends it', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (?:lost|cut|perhaps|twice) \|.*$/gm)].map(([row]) => row)
    expect(rows).toEqual(LOSS_REASONS.map((reason) => `| \`${reason}\` | ${WORD[LOSSES[reason].kind]} | ${LOSSES[reason].means} | ${LOSSES[reason].mend || '–'} |`))
  })

  test('has every verdict, and every doubt', () => {
    const missing = [...COMPLETENESS_VERDICTS, ...COMPLETENESS_REASONS].filter((word) => !page.includes(`\`${word}\``))
    expect(missing).toEqual([])
  })
})
