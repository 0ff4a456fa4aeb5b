/** Which blocks of a run may hold a token: collected while the run is sealed, asked by searches. */
export { createTokenCollector, MAX_TOKENS, type CollectorOptions, type TokenCollector } from './token-collector.ts'
export { HEAD_BYTES as TOKEN_HEAD_BYTES } from './index-layout.ts'
export { lookupToken, lookupTokenBucket, tokenBucketRange, tokenDirectoryBytes } from './lookup.ts'
