import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppFault } from '#domain/fault.ts'
import type { Metrics } from '#telemetry/index.ts'

/** Bounds how many bodies are taken at once, in all and of one address. */
export interface UploadLimit {
  readonly open: number
  /** Counts the request until its answer is done, or throws `too-many`. */
  admit(request: FastifyRequest, reply: FastifyReply): void
}

export function createUploadLimit({ max, maxPerAddress, metrics, onChange }: {
  readonly max: number
  readonly maxPerAddress: number
  readonly metrics: Pick<Metrics, 'add'>
  readonly onChange?: (open: number) => void
}): UploadLimit {
  const perAddress = new Map<string, number>() // at most one entry an upload
  let open = 0
  const note = (address: string, change: 1 | -1): void => {
    open += change
    const own = (perAddress.get(address) ?? 0) + change
    if (own === 0) perAddress.delete(address)
    else perAddress.set(address, own)
    onChange?.(open)
  }
  return {
    get open() {
      return open
    },
    admit(request, reply) {
      const { address } = request.caller
      const isOwn = (perAddress.get(address) ?? 0) >= maxPerAddress
      if (open >= max || isOwn) {
        metrics.add('hps_http_refused_total', { reason: 'uploads' })
        throw new AppFault('too-many', isOwn ? `${maxPerAddress} uploads of this address are being taken already` : `${max} uploads are being taken already`, { detail: { retry_after_seconds: 1 } })
      }
      note(address, 1)
      reply.raw.once('close', () => note(address, -1))
    },
  }
}
