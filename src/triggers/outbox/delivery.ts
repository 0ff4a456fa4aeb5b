import type { FailureReason } from './metrics.ts'

/** What became of one try. */
export type Delivery =
  | { readonly kind: 'sent'; readonly reply: string }
  /** `retryAfterMs`: the other side asked to be left alone for so long. */
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly isPermanent: boolean; readonly error: string; readonly retryAfterMs?: number | undefined }
