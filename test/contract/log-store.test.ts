import { onTestFinished } from 'vitest'
import { openLogStore, type LogStore } from '#store/index.ts'
import { NOON_MS } from '../support/store/batches.ts'
import { testFolder } from '../support/store/folder.ts'
import { logStoreContract } from './log-store.ts'

const folders = new WeakMap<LogStore, string>()

function openAt(directory: string): LogStore {
  const store = openLogStore({ directory, segmentBytes: 2000, sealAfterMs: 600_000, retentionMs: 86_400_000, clock: () => NOON_MS })
  folders.set(store, directory)
  onTestFinished(() => store.close())
  return store
}
const open = (): LogStore => openAt(testFolder())

function seal(store: LogStore): LogStore {
  store.maintain({ nowMs: NOON_MS })
  return store
}

function reopen(store: LogStore): LogStore {
  store.close()
  return openAt(folders.get(store)!)
}

logStoreContract({ name: 'in segments', open, settle: (store) => store })
logStoreContract({ name: 'sealed', open, settle: seal })
logStoreContract({ name: 'reopened', open, settle: reopen })
logStoreContract({ name: 'sealed and reopened', open, settle: (store) => reopen(seal(store)) })
