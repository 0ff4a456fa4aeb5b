/** The one catalogue of observed session stages, in boot order; rules, tests, UI and docs use these words only. */
export const STAGES = [
  { name: 'power.on', means: 'power was switched on (BMC)' },
  { name: 'dhcp.discover', means: 'first DHCP packet' },
  { name: 'dhcp.ack', means: 'address leased' },
  { name: 'nbp.sent', means: 'network boot program fetched (TFTP or HTTP)' },
  { name: 'ipxe.start', means: 'iPXE runs' },
  { name: 'decide', means: 'the hub was asked what to do' },
  { name: 'kernel.fetch', means: 'kernel fetched' },
  { name: 'initrd.fetch', means: 'initial RAM disk fetched' },
  { name: 'ready', means: 'last call before the kernel starts' },
  { name: 'kernel.up', means: 'first kernel message' },
  { name: 'initramfs.net', means: 'network in the initial RAM disk' },
  { name: 'installer.start', means: 'installer runs' },
  { name: 'config.fetch', means: 'installer fetched its configuration' },
  { name: 'storage', means: 'disks partitioned and formatted' },
  { name: 'packages', means: 'packages being installed' },
  { name: 'bootloader', means: 'boot loader written' },
  { name: 'post', means: 'after-install steps' },
  { name: 'install.done', means: 'installer says done' },
  { name: 'reboot', means: 'reboot asked for' },
  { name: 'os.syslog', means: 'first message of the operating system' },
  { name: 'os.ready', means: 'the operating system says it is ready' },
] as const
export type Stage = (typeof STAGES)[number]['name']
export const STAGE_NAMES: readonly string[] = STAGES.map((stage) => stage.name)
/** Position in boot order, -1 for a word that is not in the catalogue. */
export const stageOrder = (name: string): number => STAGE_NAMES.indexOf(name)

/** What showed a stage: a line of the DHCP, TFTP or HTTP server, of iPXE, of the kernel, of a program; the boot API; the label of a message; HPS's own words; a rule. */
export const STAGE_WITNESSES = ['dhcp', 'tftp', 'http', 'ipxe', 'decision', 'kernel', 'syslog', 'label', 'hps', 'rule'] as const
export type StageWitness = (typeof STAGE_WITNESSES)[number]

/** The first time that a stage was seen in a session. */
export interface StageSighting {
  readonly stage: Stage
  readonly atMs: number
  /** The message that showed it; 0: none did, or it could not be stored. */
  seq: number
  readonly by: StageWitness
}
