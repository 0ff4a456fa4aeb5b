// Preloaded into the hub (`node --require`): does to the rules thread, and to no other, what the file FAULT_FILE asks for, once each
// time that it is written: `throw` (an exception that nobody catches) or `memory` (more than the thread may have).
const { existsSync, readFileSync, rmSync } = require('node:fs')
const { isMainThread, workerData } = require('node:worker_threads')

const LOOK_EVERY_MS = 20

if (!isMainThread) {
  setInterval(() => {
    const file = process.env.FAULT_FILE
    if (workerData?.statePath === undefined || !existsSync(file)) return
    const fault = readFileSync(file, 'utf8')
    rmSync(file)
    if (fault === 'throw') throw new Error('a fault that was put in')
    const held = []
    for (;;) held.push(Array.from({ length: 10_000 }, (_, n) => ({ n })))
  }, LOOK_EVERY_MS).unref()
}
