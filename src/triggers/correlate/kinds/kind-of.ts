import type { NewFinding } from '../correlator.ts'
import { AbsentAfterKind } from './absent-after.ts'
import { AbsentEachKind } from './absent-each.ts'
import { AlertsKind } from './alerts.ts'
import { ChangeFleetKind } from './change-fleet.ts'
import { ChangeKind } from './change.ts'
import { CountDistinctKind } from './count-distinct.ts'
import { CountKind } from './count.ts'
import { MatchKind } from './match.ts'
import { RateKind } from './rate.ts'
import { SequenceKind } from './sequence.ts'
import type { Kind, Tools } from './kind.ts'

/** The memory that a rule's kind of condition needs. `found`: where findings go. undefined: it has none (`schedule`). */
export function kindOf(tools: Tools, found: NewFinding[]): Kind | undefined {
  const { when } = tools
  switch (when.kind) {
    case 'match':
      return new MatchKind({ ...tools, when })
    case 'count':
      return when.distinct === undefined ? new CountKind({ ...tools, when }) : new CountDistinctKind({ ...tools, when }, when.distinct)
    case 'absent':
      return when.each === undefined ? new AbsentAfterKind({ ...tools, when }) : new AbsentEachKind({ ...tools, when }, found)
    case 'sequence':
      return new SequenceKind({ ...tools, when })
    case 'change':
      return when.versus === 'fleet_profile' ? new ChangeFleetKind({ ...tools, when }) : new ChangeKind({ ...tools, when })
    case 'rate':
      return new RateKind({ ...tools, when })
    case 'alerts':
      return new AlertsKind({ ...tools, when })
    case 'schedule':
      return undefined
  }
}
