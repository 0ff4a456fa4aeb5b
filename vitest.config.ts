import { defineConfig } from 'vitest/config'

/**
 * Three projects: `unit` needs neither root nor a Debian package; `parser` proves the parser right, and takes minutes (mutants of its code,
 * ten million inputs, time over length, other parsers); `system` talks to real peers (see .ci/run).
 */
export default defineConfig({
  test: {
    testTimeout: 20_000,
    // One worker a processor: left alone, vitest takes one less, which halves it on two.
    maxWorkers: '100%',
    setupFiles: ['test/support/fast-check-seed.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/system/**'] } },
      { extends: true, test: { name: 'parser', include: ['test/**/*.proof.ts'], testTimeout: 240_000, fileParallelism: false } },
      { extends: true, test: { name: 'system', include: ['test/system/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
  },
})
