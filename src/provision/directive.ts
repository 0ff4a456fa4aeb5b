import type { LifecycleState } from '#domain/lifecycle.ts'
import type { BootConfig } from './config.ts'
import type { Because } from './reasons.ts'

type Profile = BootConfig['profiles'][string]
/** What the next boot is told; `profile` only when it is to boot from one. */
export type Directive = Because & { readonly profile?: { readonly name: string; readonly boot: Profile } }

/** The profile that a node in state `rescue` boots. */
const RESCUE_PROFILE = 'rescue'

export interface DirectiveOptions {
  readonly node: string
  readonly state: LifecycleState | undefined
  readonly profile: string | undefined
  readonly profiles: BootConfig['profiles']
}

/** From the durable state to the next boot, pure and total; the reason and its sentence are part of the answer. */
export function directive({ node, state, profile, profiles }: DirectiveOptions): Directive {
  switch (state) {
    case 'retired':
      return { reason: 'retired', why: `${node} is retired` }
    case 'unmanaged':
      return { reason: 'unmanaged', why: `${node} is unmanaged: it boots its own disk` }
    case 'held':
      return { reason: 'held', why: `${node} is held until an operator gives it a profile or releases it` }
    case 'failed':
    case 'installing':
      return { reason: 'failed', why: `the installation of ${node} was not finished; an operator may retry it (op.retry)` }
    case undefined:
    case 'discovered':
    case 'ready':
      return { reason: 'not-configured', why: `${node} has no task yet; give it a profile` }
    case 'auditing':
    case 'testing':
    case 'releasing':
    case 'broken':
      return { reason: 'in-work', why: `${node} is ${state}` }
    case 'rescue':
      return fromProfile({ node, name: RESCUE_PROFILE, profiles })
    case 'configured':
    case 'install_wait':
      return profile === undefined ? { reason: 'no-profile', why: `${node} has no profile` } : fromProfile({ node, name: profile, profiles })
    case 'verifying':
    case 'running':
    case 'updating':
    case 'trial':
      return profile !== undefined && profiles[profile]?.boot === 'net'
        ? fromProfile({ node, name: profile, profiles })
        : { reason: 'own-disk', why: `${node} is ${state}: it boots its own disk` }
  }
}

function fromProfile({ node, name, profiles }: { readonly node: string; readonly name: string; readonly profiles: BootConfig['profiles'] }): Directive {
  const boot = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (boot === undefined) return { reason: 'no-profile', why: `${node} is to boot profile "${name}", which the configuration does not have` }
  if (boot.boot === 'disk') return { reason: 'own-disk', why: `${node} boots its own disk (profile ${name})` }
  return { reason: 'profile', why: `${node} boots profile ${name}`, profile: { name, boot } }
}
