import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { watchRuleFiles } from '#triggers/threads.ts'

test('a rule file that changes is noticed, also in a folder `local` that is made later, and what is no rule file is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  let changes = 0
  const end = watchRuleFiles([folder, join(folder, 'missing')], () => void changes++)
  onTestFinished(end)
  const noticed = async (work: () => void): Promise<void> => {
    const before = changes
    work()
    await vi.waitFor(() => expect(changes).toBe(before + 1), { timeout: 5000, interval: 20 })
  }
  await noticed(() => {
    writeFileSync(join(folder, 'note.txt'), 'x')
    writeFileSync(join(folder, 'a.yaml'), 'x')
    writeFileSync(join(folder, 'b.yaml'), 'x')
  })
  await noticed(() => mkdirSync(join(folder, 'local')))
  await noticed(() => writeFileSync(join(folder, 'local', 'vars.yaml'), 'x'))
  await noticed(() => rmSync(join(folder, 'local', 'vars.yaml')))
  await noticed(() => rmSync(join(folder, 'local'), { recursive: true }))
  await noticed(() => {
    mkdirSync(join(folder, 'local'))
    writeFileSync(join(folder, 'local', 'vars.yaml'), 'x')
  })
  writeFileSync(join(folder, 'local', 'note.txt'), 'x')
  await noticed(() => writeFileSync(join(folder, 'local', 'vars.yaml'), 'y'))
})
