import { formatTextFault } from '#domain/fault.ts'
import { fail, ok, type Result } from '#base/result.ts'
import type { Renderer } from '#render/index.ts'
import { loadRules, type RuleSet } from '../rules/load.ts'
import type { Routes } from '../routes/routes.ts'
import { readRuleFiles } from '../rules/read-files.ts'
import { checkCalendar } from '../schedule/calendar.ts'

export interface LoadSetOptions {
  readonly directories: readonly string[]
  readonly renderer: Renderer
  readonly nowMs: number
  /** The routes as they are on the disk; undefined: not known, or they have faults, which main tells. */
  readonly routes?: (() => Routes | undefined) | undefined
}

/** The rules of the folders, tested; or all that is wrong with them, as `file:line:column: what (hint)`. */
export function loadSet({ directories, renderer, nowMs, routes }: LoadSetOptions): Result<RuleSet, string> {
  const known = routes?.()
  const receivers = known && ({ routes: known, whenNobody: 'warning' } as const)
  const files = readRuleFiles(directories)
  const loaded = files.ok ? loadRules(files.value, { renderer, validCron: checkCalendar, nowMs, receivers }) : files
  return loaded.ok ? ok(loaded.value) : fail(...loaded.faults.map(formatTextFault))
}
