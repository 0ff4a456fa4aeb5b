import { TemplateFault } from '#render/index.ts'
import { assetUrl, resolveAsset } from './assets.ts'
import type { BootConfig } from './config.ts'
import type { BootingNode } from './decide.ts'
import type { BootDecision } from './parts.ts'
import type { Because } from './reasons.ts'
import type { CompileTemplate } from './script.ts'

/** Names that the template of a profile's arguments may ask for; docs/reference/templates.md says what they are. */
export const ARGUMENT_NAMES = ['node', 'session', 'hub', 'mac', 'address', 'labels'] as const

/** Compiled once for all profiles; a template that cannot be compiled throws here, at start. */
export function createBoots({ profiles, assetsDirectory, compile }: { readonly profiles: BootConfig['profiles']; readonly assetsDirectory: string; readonly compile: CompileTemplate }) {
  const argsOf = new Map(Object.entries(profiles).map(([name, { args = '' }]) => [name, compile({ source: args, medium: 'kernel-args', name: `boot.profiles.${name}.args` })]))
  /** A label that this node lacks is its operator's to mend, not a fault of the program. */
  const render = (profile: string, view: Readonly<Record<(typeof ARGUMENT_NAMES)[number], unknown>>): string | Because => {
    try {
      return argsOf.get(profile)!(view).trim()
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      return { reason: 'args-missing', why: `the kernel arguments of profile ${profile} ask for what ${String(view.node)} does not have: ${error.at.message}` }
    }
  }
  return ({ profile, node, session, hub, mac, address, labels }: BootingNode): Required<Pick<BootDecision, 'kernelUrl' | 'initrdUrls' | 'args'>> | Because => {
    const { kernel, initrd = [] } = profile.boot
    if (kernel === undefined) return { reason: 'asset-missing', why: `profile ${profile.name} has no kernel` }
    const missing = [kernel, ...initrd].find((path) => resolveAsset(assetsDirectory, path) === undefined)
    if (missing !== undefined) return { reason: 'asset-missing', why: `profile ${profile.name} needs "${missing}", which is not in the asset folder` }
    const args = render(profile.name, { node, session: session ?? '', hub, mac, address, labels })
    if (typeof args !== 'string') return args
    const label = session === undefined || /(?:^|\s)hps\.session=/.test(args) ? '' : `hps.session=${session}`
    return { kernelUrl: assetUrl(hub, kernel), initrdUrls: initrd.map((path) => assetUrl(hub, path)), args: [args, label].filter((part) => part !== '').join(' ') }
  }
}
