/** A sink, as `app` gives it to the API; counts are since the hub started. */
export interface SinkView {
  readonly name: string
  readonly kind: string
  /** The file, or the server as a URL: `relp+tls://logs.example.org:2514`. */
  readonly to: string
  /** Of kind `file`. */
  readonly path: string | null
  readonly format: string | null
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
  /** How often an attempt failed, by reason. */
  readonly errors: Readonly<Record<string, number>>
  readonly last_error: { readonly reason: string; readonly detail: string; readonly at: string } | null
  /** Of kind `forward`. */
  readonly upstream: {
    readonly connected_since: string | null
    readonly connections: number
    readonly sent: number
    readonly resent: number
    readonly in_flight: number
    readonly looped: number
    readonly oldest_waiting: string | null
  } | null
}
