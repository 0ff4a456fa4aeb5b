import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { lockFolder } from '#store/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** What another process says of the lock. */
const tryElsewhere = (file: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '-e', `import { lockFolder } from '#store/index.ts'; process.stdout.write(lockFolder(${JSON.stringify(file)}) === undefined ? 'refused' : 'held')`], { cwd: root, encoding: 'utf8' })

test('one process holds a folder; it is free again when that ends or lets go', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'hps-lock-')), 'hub.lock')
  expect(tryElsewhere(file)).toBe('held')
  const lock = lockFolder(file)
  expect(lock).toBeDefined()
  expect(tryElsewhere(file)).toBe('refused')
  lock![Symbol.dispose]()
  expect(tryElsewhere(file)).toBe('held')
})
