import type { SessionEnd } from '#domain/session.ts'
import type { Stage } from '#domain/stages.ts'

/** What the words of an HPS line show about a boot. */
export interface HpsMeaning {
  readonly stage: Stage | undefined
  /** A boot begins: in iPXE (`firmware`), or with the start of the node's own functions (`system`). */
  readonly begins: 'firmware' | 'system' | undefined
  readonly ends: Exclude<SessionEnd, 'superseded'> | undefined
}

interface Meaning extends Partial<HpsMeaning> { readonly words: RegExp }

/** The first that fits; in the order of a boot. */
const MEANINGS: readonly Meaning[] = [
  // The server, while a machine is in iPXE.
  { words: /^iPXE Initialisation requested/, begins: 'firmware', stage: 'ipxe.start' },
  // It has looked up what the machine is to do, and answers: `State: INSTALLING - continuing install`.
  { words: /^State: \w+ - /, stage: 'decide' },
  // The node's functions: what its init runs shows a system, no more.
  { words: /^Starting to load node functions/, begins: 'system' },
  { words: /^Starting init sequence: \d+ action/, begins: 'system' },
  // All actions were tried; what failed has its own lines.
  { words: /^Init sequence complete(?:: |d successfully)/, stage: 'os.ready' },
  // The installer of storage nodes, six steps.
  { words: /^Starting Alpine \w+ Installation/, stage: 'installer.start' },
  { words: /^Step 1\/6: /, stage: 'installer.start' }, // detecting target disks: nothing is written yet
  { words: /^Step [23]\/6: /, stage: 'storage' }, // partitioning, formatting
  { words: /^Step 4\/6: /, stage: 'packages' }, // the base system
  { words: /^Step [56]\/6: /, stage: 'post' }, // HPS's own init, finalising
  { words: /^(?:Partitioning \/dev\/|Formatting root partition)/, stage: 'storage' },
  { words: /^Running setup-disk /, stage: 'packages' },
  { words: /^Installation complete/, stage: 'install.done' },
  // The end: asked for by the installer, by a node, by init.
  { words: /^Rebooting system/, stage: 'reboot', ends: 'reboot' },
  { words: /^REBOOT: /, stage: 'reboot', ends: 'reboot' },
  { words: /^Executing reboot\b/, stage: 'reboot', ends: 'reboot' },
  { words: /^Node shutting down via init system/, ends: 'shutdown' },
]

const NOTHING: HpsMeaning = { stage: undefined, begins: undefined, ends: undefined }

/** Total: most words mean nothing here. */
export function hpsMeaning(words: string): HpsMeaning {
  const found = MEANINGS.find((meaning) => meaning.words.test(words))
  return found === undefined ? NOTHING : { stage: found.stage, begins: found.begins, ends: found.ends }
}
