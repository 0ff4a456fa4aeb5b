import type { Transport } from '#domain/source.ts'
import type { ToldCounts } from './listener-counts.ts'
import type { TagSetting } from './tags/tag-rule.ts'

/** What the main thread says to the ingest thread and hears from it. Batches go to the log writer on a port of their own. */
export type IngestCommand =
  /** A body of `POST /api/v1/logs`; a receipt with this id follows through the writer once it is on disk. `lines`: one message a line; `ndjson`: one JSON object a line; `journal`: what a `JournalCutter` gave. */
  | { readonly kind: 'http'; readonly id: number; readonly address: string; readonly form: 'lines' | 'ndjson' | 'journal'; readonly bytes: Uint8Array }
  /** Whole RFC 5424 frames of the hub itself, newline separated; the source is `hub`. */
  | { readonly kind: 'hub'; readonly bytes: Uint8Array }
  /** `syslog.tags` was read anew: from the next message on this list holds. */
  | { readonly kind: 'tags'; readonly tags: readonly TagSetting[] }
  /** The files of certificates may have changed. */
  | { readonly kind: 'certificates' }
  /** Stop reading, hand over what was read, answer `stopped`. */
  | { readonly kind: 'stop' }

export interface BoundListener {
  readonly name: string
  readonly transport: Transport
  /** Of a unix socket: its path; the port is 0. */
  readonly address: string
  readonly port: number
  /** TLS is spoken. */
  readonly isSecure?: boolean | undefined
  /** UDP: the receive buffer the kernel really gave. */
  readonly receiveBufferBytes?: number | undefined
}

export type IngestEvent =
  | { readonly kind: 'listening'; readonly listeners: readonly BoundListener[] }
  /** A listener could not be bound: the hub does not start. */
  | { readonly kind: 'bind-failed'; readonly listener: string; readonly reason: string }
  /** A certificate was taken into use; with `fault`, its files have changed and what is in them cannot be used: the one named here stays. */
  | { readonly kind: 'certificate'; readonly listener: string; readonly subject: string; readonly expiresMs: number; readonly fault?: string | undefined }
  /** What each listener has counted so far; about once a second, and before `stopped`. */
  | { readonly kind: 'listeners'; readonly listeners: readonly ToldCounts[] }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }
  | { readonly kind: 'stopped' }
