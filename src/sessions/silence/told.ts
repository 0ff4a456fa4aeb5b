import type { RhythmRecords, SilenceRecord } from '#store/index.ts'
import type { SilenceSubject } from '#domain/silence.ts'
import type { WriterCounters } from '../counters.ts'
import type { Parts } from '../lifecycle.ts'
import type { Heard } from './heard.ts'

/** The silences that were told and go on, and what of that hub.db does not have yet. */
export interface Told {
  readonly silent: ReadonlySet<Heard>
  /** The hub hears nobody. */
  readonly nobody: SilenceRecord | undefined
  restore(who: Heard, silence: SilenceRecord): void
  begin(silence: SilenceRecord, who?: Heard): void
  /** `isGivenUp`: it did not speak; nobody waits for it any more. */
  end(who: Heard | undefined, about: { readonly atMs: number; readonly isGivenUp: boolean }): void
  readonly hasNews: boolean
  /** Part of a transaction; call `written` once that is through. */
  write(): void
  written(): void
}

interface Options { readonly records: RhythmRecords; readonly emit: Parts['emit']; readonly counters: Pick<WriterCounters, 'add' | 'set'>; readonly nobody: SilenceRecord | undefined }

export function createTold({ records, emit, counters, nobody: restored }: Options): Told {
  const silent = new Set<Heard>()
  let nobody = restored
  let news: (() => void)[] = []
  const gauge = (): void => {
    const nodes = [...silent].filter(({ subject }) => subject === 'node').length
    counters.set('silent:node', nodes)
    counters.set('silent:source', silent.size - nodes)
    counters.set('silent:hub', nobody === undefined ? 0 : 1)
  }
  gauge()
  const close = ({ subject, id }: { readonly subject: SilenceSubject; readonly id: number }): void => void news.push(() => records.endSilence(subject, id))
  return {
    silent,
    get nobody() {
      return nobody
    },
    restore(who, silence) {
      who.silence = silence
      who.isTold = true
      silent.add(who)
      gauge()
    },
    begin(silence, who) {
      if (who === undefined) nobody = silence
      else {
        who.silence = silence
        who.isTold = true
        silent.add(who)
      }
      news.push(() => records.saveSilence(silence))
      counters.add(`silences:${silence.subject}`)
      emit((_, lastSeq) => ({ kind: 'silent', seq: lastSeq, silence }))
      gauge()
    },
    end(who, { atMs, isGivenUp }) {
      const silence = who === undefined ? nobody : who.silence
      if (silence === undefined) return
      if (who === undefined) nobody = undefined
      else {
        who.silence = undefined
        silent.delete(who)
      }
      close(silence)
      emit((_, lastSeq) => ({ kind: 'heard-again', seq: lastSeq, silence, atMs, isGivenUp }))
      gauge()
    },
    get hasNews() {
      return news.length > 0
    },
    write() {
      for (const write of news) write()
    },
    written() {
      news = []
    },
  }
}
