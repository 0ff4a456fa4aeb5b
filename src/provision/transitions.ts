import type { LifecycleEvent, LifecycleState } from '#domain/lifecycle.ts'

type From = (state: LifecycleState | undefined) => boolean
/** A condition beside the state: the policy for unknown machines, any profile at all, or a profile that boots so. */
export type Guard = 'unknown-held' | 'any-profile' | readonly ('net' | 'disk' | 'install')[]

/** One row: these events, in these states, under this guard, with at least this evidence. */
export interface Transition {
  readonly on: readonly LifecycleEvent[]
  readonly from: From
  readonly when?: Guard
  /** The weakest class that may do it; rows with `C` change nothing. */
  readonly evidence: 'A' | 'B' | 'C'
  /** `same`: noted only. `previous`: the state this one was entered from. `settled`: the last one that was neither held nor rescue. */
  readonly to: LifecycleState | 'same' | 'previous' | 'settled'
  readonly why: string
}

const one = (...states: readonly (LifecycleState | undefined)[]): From => (state) => states.includes(state)
const anyBut = (...states: readonly (LifecycleState | undefined)[]): From => (state) => !states.includes(state)

/** An operator may give these a task. A running or half-installed node is not among them: that takes the more explicit events. */
const FREE = [undefined, 'discovered', 'auditing', 'ready', 'held', 'configured', 'install_wait', 'failed', 'broken', 'testing', 'releasing', 'unmanaged'] as const
const AT_WORK = ['auditing', 'configured', 'install_wait', 'installing', 'verifying', 'running', 'updating', 'trial', 'rescue', 'testing', 'releasing', 'failed', 'broken'] as const

/** States that no event of today's catalogue leads to; from each of them an operator can lead the node away. */
export const NOT_ENTERED: readonly LifecycleState[] = ['auditing', 'updating', 'trial', 'testing', 'releasing', 'broken']

/** The lifecycle as data, read from the top: the first row that fits decides. docs/reference/lifecycle.md is held to it. */
export const TRANSITIONS: readonly Transition[] = [
  // The machine asks what to do.
  { on: ['boot.decide'], from: one(undefined), when: 'unknown-held', evidence: 'B', to: 'held', why: 'an unknown machine waits until it is configured' },
  { on: ['boot.decide'], from: one('installing'), evidence: 'B', to: 'failed', why: 'it booted again before the installer said that it is done' },
  { on: ['boot.decide'], from: anyBut(undefined, 'installing'), evidence: 'C', to: 'same', why: 'it asked what to do' },

  // An operator gives it a task.
  { on: ['op.configure'], from: one(...FREE), when: 'any-profile', evidence: 'A', to: 'configured', why: 'it has a profile' },
  { on: ['op.configure'], from: one('running'), when: ['net', 'disk'], evidence: 'A', to: 'configured', why: 'it has a profile, used at its next boot' },
  { on: ['op.netboot'], from: one(...FREE, 'running'), when: ['net'], evidence: 'A', to: 'configured', why: 'it is to run from the network' },
  { on: ['op.install'], from: one(...FREE), when: ['install'], evidence: 'A', to: 'install_wait', why: 'it is installed at its next boot' },
  { on: ['op.reinstall'], from: one(...FREE, 'installing', 'verifying', 'running'), when: ['install'], evidence: 'A', to: 'install_wait', why: 'it is installed anew at its next boot' },
  { on: ['op.retry'], from: one('failed'), when: ['install'], evidence: 'A', to: 'install_wait', why: 'the installation is tried again at its next boot' },
  { on: ['op.retry'], from: one('failed'), when: ['net', 'disk'], evidence: 'A', to: 'configured', why: 'it is tried again at its next boot' },

  // An operator takes it aside. A log rule may hold a node: that can be undone.
  { on: ['op.hold'], from: one('held'), evidence: 'C', to: 'same', why: 'it is held already' },
  { on: ['op.hold'], from: one('unmanaged'), evidence: 'A', to: 'held', why: 'it is held' },
  { on: ['op.hold'], from: anyBut('held', 'unmanaged', 'retired'), evidence: 'B', to: 'held', why: 'it is held' },
  { on: ['op.release'], from: one(undefined), evidence: 'A', to: 'discovered', why: 'it is known and has no task yet' },
  { on: ['op.release'], from: one('held'), evidence: 'A', to: 'settled', why: 'it goes on where it was before it was held' },
  { on: ['op.release'], from: one('unmanaged', 'retired'), evidence: 'A', to: 'discovered', why: 'it is managed again' },
  { on: ['op.release'], from: one(...AT_WORK), evidence: 'A', to: 'ready', why: 'it has no task any more; its disks were left as they are' },
  { on: ['op.release'], from: one('discovered', 'ready'), evidence: 'C', to: 'same', why: 'it has no task' },
  { on: ['op.rescue'], from: anyBut('rescue', 'retired'), evidence: 'A', to: 'rescue', why: 'its next boot is a rescue system' },
  { on: ['op.unrescue'], from: one('rescue'), evidence: 'A', to: 'previous', why: 'the rescue is over' },
  { on: ['op.unmanage'], from: anyBut('unmanaged', 'retired'), evidence: 'A', to: 'unmanaged', why: 'it boots its own disk and is only logged' },
  { on: ['op.retire'], from: anyBut('retired'), evidence: 'A', to: 'retired', why: 'it is out of use; boots are refused' },

  // Evidence from the machine. It completes what the hub began and never begins anything.
  { on: ['installer.started'], from: one('configured', 'install_wait'), when: ['install'], evidence: 'B', to: 'installing', why: 'the installer runs' },
  { on: ['installer.started'], from: one('installing'), evidence: 'C', to: 'same', why: 'the installer runs' },
  // A lost start line must not lead to a second installation, so `done` is believed from the waiting states too.
  { on: ['install.reported_done'], from: one('installing'), evidence: 'B', to: 'verifying', why: 'the installer says that it is done' },
  { on: ['install.reported_done'], from: one('configured', 'install_wait'), when: ['install'], evidence: 'B', to: 'verifying', why: 'the installer says that it is done' },
  { on: ['install.reported_done'], from: one('verifying'), evidence: 'C', to: 'same', why: 'the installer says that it is done' },
  { on: ['install.failed'], from: one('installing', 'verifying'), evidence: 'B', to: 'failed', why: 'the installer says that it failed' },
  { on: ['install.failed'], from: one('configured', 'install_wait'), when: ['install'], evidence: 'B', to: 'failed', why: 'the installer says that it failed' },
  { on: ['install.failed'], from: one('failed'), evidence: 'C', to: 'same', why: 'the installer says that it failed' },
  { on: ['os.ready'], from: one('configured'), when: ['net', 'disk'], evidence: 'B', to: 'running', why: 'its operating system says that it is ready' },
  { on: ['os.ready'], from: one('verifying', 'trial'), evidence: 'B', to: 'running', why: 'its operating system says that it is ready' },
  { on: ['os.ready'], from: one('running'), evidence: 'C', to: 'same', why: 'its operating system says that it is ready' },
]
