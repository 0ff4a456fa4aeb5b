import { readFileSync } from 'node:fs'
import type { BootDecision } from './parts.ts'

/** Compiles a template for a medium: what it returns renders a view, every value escaped for that medium. */
export type CompileTemplate = (template: { readonly source: string; readonly medium: 'ipxe' | 'kernel-args'; readonly name: string }) => (view: Readonly<Record<string, unknown>>) => string

/** Fetches of a boot, and asks of a machine that is not answered, before the firmware's next boot device gets its turn. */
const MAX_TRIES = 6
const MAX_ASKS = 120
const PAUSE_SECONDS = 10
/** A refusal rarely changes: asked again at this pace. */
const REFUSED_PAUSE_SECONDS = 60
/** A log call that is not answered must not hold up the boot. */
const LOG_TIMEOUT_MS = 3000

export interface ScriptWriter {
  script(decision: BootDecision): string
  bootstrap(hubUrl: string): string
}

/** iPXE scripts; each runs on Debian's build of 2019 and on 2.x: what may be unknown or fail is followed by `||`, every loop has its bound. */
export function createScriptWriter(compile: CompileTemplate): ScriptWriter {
  const load = (name: string) => compile({ source: readFileSync(new URL(`scripts/${name}.ipxe.hbs`, import.meta.url), 'utf8'), medium: 'ipxe', name: `${name}.ipxe` })
  const [bootstrap, boot, local, askAgain] = [load('bootstrap'), load('boot'), load('local'), load('ask-again')]
  const constants = { maxTries: MAX_TRIES, maxAsks: MAX_ASKS, pauseSeconds: PAUSE_SECONDS, logTimeoutMs: LOG_TIMEOUT_MS }
  return {
    bootstrap: (hubUrl) => bootstrap({ ...constants, hub: hubUrl }),
    script(decision) {
      const { outcome, why, session, retryAfterSeconds = PAUSE_SECONDS, kernelUrl = '', initrdUrls = [], args = '' } = decision
      const view = { ...constants, outcome, why, session: session ?? '' }
      switch (outcome) {
        case 'boot':
          return boot({ ...view, kernelUrl, initrds: initrdUrls.map((url, index) => ({ name: `initrd${index}`, url })), args })
        case 'local':
          return local(view)
        case 'wait':
          return askAgain({ ...view, pauseSeconds: retryAfterSeconds })
        case 'refuse':
          return askAgain({ ...view, pauseSeconds: REFUSED_PAUSE_SECONDS })
      }
    },
  }
}
