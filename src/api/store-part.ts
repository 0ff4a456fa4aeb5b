/** The store as the API shows it and has it worked on. */
export interface StoreStatsView {
  readonly messages: number
  readonly sealed_messages: number
  readonly first_seq: number
  readonly last_seq: number
  readonly oldest: string | null
  readonly newest: string | null
  readonly files: number
  readonly file_bytes: number
  readonly segments: number
  readonly segment_bytes: number
  readonly bytes_per_message: number | null
  readonly sealed_bytes_per_message: number | null
  readonly waiting_segments: number
  readonly disk_bytes: number | null
  readonly disk_free_bytes: number | null
  readonly max_bytes: number | null
  readonly min_free_bytes: number | null
  readonly retention_held: string | null
  readonly space_short: string | null
  readonly troubles: readonly string[]
  readonly damaged: readonly string[]
  readonly losses: readonly LossView[]
}
export interface LossView {
  readonly name: string
  readonly reason: string
  readonly at: string
  readonly from_seq: number | null
  readonly to_seq: number | null
  readonly accepted: string | null
  readonly accepted_by: string | null
}
export interface StoreJobView {
  readonly id: number
  readonly kind: string
  readonly by: string
  readonly state: string
  readonly started: string
  readonly ended: string | null
  readonly done: number
  readonly total: number
  readonly failure: string | null
  readonly result: Readonly<Record<string, unknown>> | null
}
export interface StorePart {
  stats(): Promise<StoreStatsView>
  /** Begins work that goes on by itself; one at a time (AppFault `conflict`). */
  start(request: { readonly kind: 'check' | 'backup' | 'compact'; readonly directory?: string | undefined; readonly by: string }): StoreJobView
  job(id: number): StoreJobView
  /** Newest first. */
  jobs(): readonly StoreJobView[]
  cancel(id: number, by: string): void
  acceptLoss(name: string, by: string): Promise<void>
}
