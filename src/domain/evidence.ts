import type { EvidenceClass } from './lifecycle.ts'
import type { IdentityMethod } from './message.ts'

const PROVEN: readonly IdentityMethod[] = ['token', 'registered-address', 'lease', 'subject', 'certificate']

/** B: the address of the sender, the certificate that it proved to be its own, a session label that fits it, or a source with the role to say so, names the node. C: only a name does. */
export const evidenceOf = (method: IdentityMethod, nodeId: number): EvidenceClass => (nodeId !== 0 && PROVEN.includes(method) ? 'B' : 'C')
