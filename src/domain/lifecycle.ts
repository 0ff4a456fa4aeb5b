/** Lifecycle states (durable, few), the events that move them and the evidence they need. The transition table is provision's. */
export const LIFECYCLE_STATES = [
  'discovered', 'auditing', 'ready', 'configured', 'install_wait', 'installing', 'verifying', 'running', 'updating', 'trial',
  'rescue', 'testing', 'releasing', 'failed', 'held', 'broken', 'unmanaged', 'retired',
] as const
export type LifecycleState = (typeof LIFECYCLE_STATES)[number]

/** Events of operators (`op.…`), of the boot API (`boot.…`) and of evidence in the stream. */
export const LIFECYCLE_EVENTS = [
  'boot.decide', 'op.configure', 'op.netboot', 'op.install', 'op.reinstall', 'op.hold', 'op.release', 'op.retry', 'op.unmanage', 'op.retire', 'op.rescue', 'op.unrescue',
  'installer.started', 'install.reported_done', 'install.failed', 'os.ready',
] as const
export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number]

/**
 * Evidence classes. `A`: authenticated call or operator. `B`: log rule about a node whose address is leased or registered.
 * `C`: any other log. B may hold a node, set stages and failures and complete what the hub itself started; nothing destructive. C only annotates.
 */
export const EVIDENCE_CLASSES = ['A', 'B', 'C'] as const
export type EvidenceClass = (typeof EVIDENCE_CLASSES)[number]
