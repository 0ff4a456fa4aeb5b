import type { AlertSilenceRequest, AlertSilencesPart, AlertSilenceView } from '#api/index.ts'
import { parseDurationMs } from '#base/duration.ts'
import { formatUtc } from '#base/time.ts'
import { matchesAll, parseMatcher, printMatcher } from '#domain/alert-matchers.ts'
import { ALERT_SEVERITIES, type Alert, type AlertMatcher, type AlertSilence } from '#domain/alert.ts'
import { AppFault } from '#domain/fault.ts'
import type { AlertSilenceRecords } from '#store/index.ts'
import { alertField, SILENCE_REFUSALS, type AlertNames, type Mutes, type Silencing } from '#triggers/index.ts'
import { presentAlert } from './alert-view.ts'
import { readTime } from './since.ts'

/** Alerts that a preview shows; it counts all. */
const MAX_PREVIEWED = 50

export interface AlertSilencesPartOptions {
  readonly silencing: Silencing
  readonly silences: Pick<AlertSilenceRecords, 'list' | 'byId'>
  readonly mutes: Mutes
  readonly names: AlertNames
  readonly clock: () => number
}

/** Silences about alerts as the API shows and takes them. */
export function createAlertSilencesPart({ silencing, silences, mutes, names, clock }: AlertSilencesPartOptions): AlertSilencesPart {
  const stateOf = ({ fromMs, untilMs, endedMs }: AlertSilence): AlertSilenceView['state'] => (endedMs !== undefined ? 'ended' : clock() >= untilMs ? 'over' : clock() < fromMs ? 'ahead' : 'now')
  /** Read once for all silences of a list. */
  const openAlerts = (): readonly Alert[] => mutes.preview([])

  function present(silence: AlertSilence, open: () => readonly Alert[]): AlertSilenceView {
    const state = stateOf(silence)
    const covers = state === 'now' ? open().filter((alert) => matchesAll(silence.matchers, (field) => alertField(alert, field, names))).length : 0
    return {
      id: silence.id, matchers: silence.matchers.map(printMatcher), from: formatUtc(silence.fromMs), until: formatUtc(silence.untilMs), state, reason: silence.reason, by: silence.by, made: formatUtc(silence.madeMs),
      ended: silence.endedMs === undefined ? null : formatUtc(silence.endedMs), ended_by: silence.endedBy ?? null, covers,
    }
  }

  return {
    async list() {
      let open: readonly Alert[] | undefined
      return silences.list().map((silence) => present(silence, () => (open ??= openAlerts())))
    },
    async add(request) {
      const made = silencing.add({ matchers: readMatchers(request.matchers), ...spanOf(request, clock()), reason: request.reason, by: request.by })
      if (typeof made === 'string') throw new AppFault(made === 'too-many' ? 'too-many' : 'bad-request', capitalised(SILENCE_REFUSALS[made]), { detail: { reason: made } })
      return present(made, openAlerts)
    },
    async preview(texts) {
      const matchers = readMatchers(texts)
      const covered = mutes.preview(matchers).toSorted((a, b) => ALERT_SEVERITIES.indexOf(a.severity) - ALERT_SEVERITIES.indexOf(b.severity) || b.id - a.id)
      const mutesOf = mutes.at(clock())
      return { matchers: matchers.map(printMatcher), total: covered.length, alerts: covered.slice(0, MAX_PREVIEWED).map((alert) => presentAlert(alert, { names, mutesOf })) }
    },
    async end(id, by) {
      if (silences.byId(id) === undefined) throw new AppFault('not-found', `There is no silence ${id}`)
      if (!silencing.end(id, by)) throw new AppFault('conflict', `The silence ${id} is over already`)
      return present(silences.byId(id)!, openAlerts)
    },
  }
}

function readMatchers(texts: readonly string[]): readonly AlertMatcher[] {
  return texts.map((text) => {
    const matcher = parseMatcher(text)
    if (matcher === undefined) throw new AppFault('bad-request', `“${text}” is no matcher: write field=value, field!=value or field~beginning*`)
    return matcher
  })
}

function spanOf({ for: length, from, until }: AlertSilenceRequest, nowMs: number): { readonly fromMs: number; readonly untilMs: number } {
  if ((length === undefined) === (until === undefined)) throw new AppFault('bad-request', 'Give one of `for` and `until`: how long it lasts')
  const fromMs = from === undefined ? nowMs : readTime(from)
  if (until !== undefined) return { fromMs, untilMs: readTime(until) }
  const lengthMs = parseDurationMs(length!)
  if (lengthMs === undefined || lengthMs <= 0) throw new AppFault('bad-request', `“${length!}” is no duration such as 30m, 2h or 1d`)
  return { fromMs, untilMs: fromMs + lengthMs }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
