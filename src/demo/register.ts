import { FLEET } from './fleet.ts'

interface DemoProfile {
  boot: 'disk' | 'install'
  kernel?: string
  initrd?: string[]
  args?: string
}

/** Profiles of the demo, for the configuration's `boot.profiles`. */
export const demoProfiles = (): Record<string, DemoProfile> => ({
  'demo-disk': { boot: 'disk' },
  'demo-install': { boot: 'install', kernel: 'demo/linux', initrd: ['demo/initrd.gz'], args: 'auto=true priority=critical hostname={{node}}' },
})

/** Files of the profiles, below the asset folder; nobody boots them. */
export const DEMO_ASSETS = ['demo/linux', 'demo/initrd.gz'] as const
export const DEMO_ASSET_TEXT = 'This stands for a kernel in the demo; the simulated machines fetch nothing.\n'

/** Left for the person at the keyboard: these wait until they are given a profile. */
export const UNKNOWN_NODES: readonly string[] = ['tch-004', 'sch-003']

export interface RegisteredNode {
  readonly name: string
  readonly macs: readonly string[]
  readonly profile: string
  readonly labels: Readonly<Record<string, string>>
}

/** What an operator would have registered before the machines were switched on. */
export const demoRegister = (): readonly RegisteredNode[] =>
  FLEET.filter(({ name }) => !UNKNOWN_NODES.includes(name)).map(({ name, mac, story }) => ({
    name,
    macs: [mac],
    profile: story === 'installs' ? 'demo-install' : 'demo-disk',
    labels: { rack: name.startsWith('tch') ? 'r1' : 'r2' },
  }))
