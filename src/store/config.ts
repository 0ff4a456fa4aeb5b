import { Type, type Static } from 'typebox'

/** The `store` part of the configuration. */
export const StoreConfig = Type.Object(
  {
    retention: Type.String({ default: '30d', description: 'Messages older than this, counted from the newest stored one, are removed a day file at a time.' }),
    max_size: Type.String({ default: 'auto', description: 'Most that the log may take on disk; beyond it the oldest day files go, whatever their age. A size, `auto` (half of the file system) or `none`.' }),
    min_free: Type.String({ default: 'auto', description: 'When the file system has less free than this, the oldest day files go, whatever fills it. A size, `auto` (5 % of the file system, at most 1GiB), or `0B` for never.' }),
    segment_size: Type.String({ default: '64MiB', description: 'A segment is closed at this size, and sealed.' }),
    seal_after: Type.String({ default: '10m', description: 'A segment is closed at this age at the latest.' }),
    search_deadline: Type.String({ default: '10s', description: 'A search that takes longer is stopped and says so.' }),
    readers: Type.Integer({ default: 2, minimum: 1, maximum: 16, description: 'Threads that search and count, each started when it is needed; with more, one long search holds up fewer others.' }),
  },
  { additionalProperties: false, default: {} },
)
export type StoreConfig = Static<typeof StoreConfig>
