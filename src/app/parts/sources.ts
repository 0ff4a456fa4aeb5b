import type { MessageView, SourcesPart, SourceView } from '#api/index.ts'
import { canonicalIp } from '#base/ip.ts'
import { formatUtc } from '#base/time.ts'
import { formatOffset } from '#base/time-zone.ts'
import { AppFault } from '#domain/fault.ts'
import type { Source } from '#domain/source.ts'
import { createSourceSettings, type SourcesConfig } from '#sessions/index.ts'
import type { Records } from '../records.ts'
import type { WriterClient } from '../threads/writer-client.ts'
import { presentForm, presentSource } from './source-facts.ts'

export interface SourcesPartOptions {
  readonly records: Pick<Records, 'sources' | 'nodes'>
  readonly writer: Pick<WriterClient, 'ask'>
  readonly config: SourcesConfig
  readonly clock: () => number
  /** A stored message as the API shows it; undefined: it is gone. */
  message(seq: number): Promise<MessageView | undefined>
}

/** With `known`: who sends, as it is written down, up to five seconds old. It does not wait for the log writer, which may wait for the disk. */
export interface KnownSources extends SourcesPart {
  known(): readonly SourceView[]
}

/** Host names of a relay that are shown with their zones. */
const MAX_SHOWN_ZONES = 1000

/** Who sends to the hub and how, as the API shows it. What the writer has not yet written down is written before it is read. */
export function createSourcesPart({ records: { sources, nodes }, writer, config, clock, message }: SourcesPartOptions): KnownSources {
  const settings = createSourceSettings(config)
  const flush = () => writer.ask({ kind: 'flush' })
  const configuredZone = ({ address }: Source): string | undefined => settings.zone(address)?.name

  function only(name: string): Source {
    if (/^\d{1,15}$/.test(name)) {
      const source = sources.byId(Number(name))
      if (source === undefined) throw new AppFault('not-found', `There is no source ${name}`)
      return source
    }
    const address = canonicalIp(name) ?? name
    const found = sources.list().filter((source) => source.address === address)
    if (found.length === 1) return found[0]!
    if (found.length === 0) throw new AppFault('not-found', `Nobody has sent a message from ${name}`)
    throw new AppFault('ambiguous', `${name} sends in ${found.length} ways; ask for one by its number`, { detail: { choices: found.map(({ id, address: at, transport, listener }) => ({ id, address: at, transport, listener })) } })
  }

  function known(): readonly SourceView[] {
    const forms = Map.groupBy(sources.forms(), ({ sourceId }) => sourceId)
    const zones = new Map(sources.zones().filter(({ host }) => host === '').map((zone) => [zone.sourceId, zone]))
    return sources.list().map((source) => presentSource({ source, forms: forms.get(source.id) ?? [], learned: zones.get(source.id), configured: configuredZone(source), nowMs: clock() }))
  }

  return {
    known,
    async list() {
      await flush()
      return known()
    },
    async source(name) {
      await flush()
      const source = only(name)
      const forms = sources.forms(source.id)
      const zones = sources.zones(source.id)
      const total = forms.reduce((sum, { messages }) => sum + messages, 0)
      return {
        ...presentSource({ source, forms, learned: zones.find(({ host }) => host === ''), configured: configuredZone(source), nowMs: clock() }),
        node: nodes.byAddress(source.address)?.node.name ?? null,
        forms: await Promise.all(forms.map(async (form) => ({ ...presentForm(form, total), sample: (await message(form.lastSeq)) ?? null }))),
        zones: zones.filter(({ host }) => host !== '').slice(0, MAX_SHOWN_ZONES)
          .map(({ host, offsetMs, sinceMs, confirmedMs }) => ({ host, zone: formatOffset(offsetMs), since: formatUtc(sinceMs), confirmed: formatUtc(confirmedMs) })),
      }
    },
  }
}
