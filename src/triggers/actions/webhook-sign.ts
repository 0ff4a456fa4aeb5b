import { createHmac } from 'node:crypto'

export interface Signed { readonly id: string; readonly timestampSeconds: number; readonly body: string }

/** The value of `webhook-signature` (Standard Webhooks 1.0, "Signature scheme"): one `v1,` and HMAC-SHA256 for each key, so that a secret can be exchanged while both are known. */
export const signatureOf = ({ id, timestampSeconds, body }: Signed, keys: readonly Buffer[]): string =>
  keys.map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest('base64')}`).join(' ')
