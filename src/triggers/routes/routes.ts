import type { AlertSeverity } from '#domain/alert.ts'
import type { QuietInterval } from './quiet.ts'
import { DEFAULT_TIMING, type Route } from './tree.ts'

/** A web address that is told. */
export interface Webhook {
  /** Unique for its receiver. */
  readonly name: string
  readonly url: string
  readonly form: 'standard' | 'alertmanager'
  /** Keys that sign, all of them; empty: nothing is signed. */
  readonly keys: readonly Buffer[]
  readonly token: string | undefined
  readonly ca: string | undefined
  readonly allowPrivate: boolean
  readonly allowLoopback: boolean
}

/** Somebody who is told, by one or more channels. */
export interface Receiver {
  readonly name: string
  readonly mail: readonly string[]
  readonly webhooks: readonly Webhook[]
  readonly maxPerHour: number
  /** Everything goes into digests of this length; undefined: only what is too much. */
  readonly digestMs: number | undefined
  readonly quiet: readonly QuietInterval[]
  readonly quietExcept: readonly AlertSeverity[]
}

export interface Routes {
  /** The file; undefined: there is none, and notices wait in the outbox. */
  readonly file: string | undefined
  readonly names: readonly string[]
  /** The receiver of this name, else the default one; undefined: nobody. */
  receiver(name: string): Receiver | undefined
  /** The tree; without `route:` its root, which tells nobody. */
  readonly root: Route
  /** Who is told of notices that were given up. */
  readonly fallback: string | undefined
}

/** A name that no receiver has: nobody is told. */
export const NOBODY = 'nobody'

/** Tells nobody who is not named. */
export const BARE_ROOT: Route = { id: '', receiver: undefined, timing: DEFAULT_TIMING, tests: [], isContinued: false, routes: [] }
export const NO_ROUTES: Routes = { file: undefined, names: [], receiver: () => undefined, root: BARE_ROOT, fallback: undefined }
