import { MAX_CONNECTIONS } from './connections.ts'
import { MAX_BUFFERED_BYTES } from './event-stream.ts'
import { MAX_WAITERS } from './routes/ack.ts'
import { MAX_EXPORTS } from './routes/export.ts'
import { MAX_JOURNALS, MAX_UPLOADS } from './routes/ingest.ts'

/** What the HTTP server holds at most, each from the file that owns the queue; `streamBytes` is of one live stream. */
export const API_BOUNDS = { connections: MAX_CONNECTIONS, uploads: MAX_UPLOADS, journals: MAX_JOURNALS, ackWaiters: MAX_WAITERS, exports: MAX_EXPORTS, streamBytes: MAX_BUFFERED_BYTES } as const
