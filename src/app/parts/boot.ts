import type { BootDecision, BootFacts, BootPart, LogsPart } from '#api/index.ts'
import { printable } from '#base/text.ts'
import { BOOT_APP } from '#domain/wire.ts'
import type { Logger } from '#telemetry/index.ts'

/**
 * What a machine asked by HTTP and what it was told becomes a message of that machine's own session, beside its DHCP and
 * kernel lines. It is written after the decision, so that it carries the session the decision opened; a machine never
 * waits for it.
 */
export function withBootLog(boot: BootPart, { ingest, log }: { readonly ingest: LogsPart['ingest']; readonly log: Logger }): BootPart {
  return {
    ...boot,
    async decide(facts) {
      const decision = await boot.decide(facts)
      ingest({ address: facts.address, form: 'lines', bytes: Buffer.from(bootLine(facts, decision)) }).catch((fault: unknown) =>
        log.warn({ err: fault, node: decision.node, address: facts.address }, 'Boot decision could not be written to the log'),
      )
      return decision
    },
  }
}

const SEVERITY_OF: Readonly<Record<BootDecision['outcome'], number>> = { boot: 6, local: 6, wait: 5, refuse: 4 }
const FACILITY_DAEMON = 3

/** One RFC 5424 frame without a host name: the address says who it is about. */
function bootLine(facts: BootFacts, decision: BootDecision): string {
  const asked = (['mac', 'uuid', 'serial', 'arch', 'platform'] as const).flatMap((name) => (facts[name] === undefined ? [] : [`${name}=${facts[name]}`]))
  const text = printable(`decide outcome=${decision.outcome} state=${decision.state ?? '-'} ${asked.join(' ')} agent="${facts.userAgent}" why="${decision.why}"`)
  return `<${FACILITY_DAEMON * 8 + SEVERITY_OF[decision.outcome]}>1 - - ${BOOT_APP} - - - ${text}\n`
}
