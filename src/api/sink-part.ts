/** A sink, as `app` gives it to the API; counts are since the hub started. */
export interface SinkView {
  readonly name: string
  readonly kind: string
  readonly path: string
  readonly format: string
  readonly query: string | null
  /** waiting, running, stopped */
  readonly state: string
  readonly seq: number | null
  readonly backlog: number
  readonly written: number
  readonly bytes: number
  readonly rotations: number
  readonly lost: number
  readonly lost_ranges: readonly { readonly from_seq: number; readonly to_seq: number }[]
  readonly last_error: { readonly reason: string; readonly detail: string; readonly at: string } | null
}
