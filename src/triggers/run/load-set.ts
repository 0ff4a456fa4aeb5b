import { formatTextFault } from '#domain/fault.ts'
import { fail, ok, type Result } from '#base/result.ts'
import type { Renderer } from '#render/index.ts'
import { loadRules, type RuleSet } from '../rules/load.ts'
import { readRuleFiles } from '../rules/read-files.ts'
import { checkCalendar } from '../schedule/calendar.ts'

/** The rules of the folders, tested; or all that is wrong with them, as `file:line:column: what (hint)`. */
export function loadSet({ directories, renderer, nowMs }: { readonly directories: readonly string[]; readonly renderer: Renderer; readonly nowMs: number }): Result<RuleSet, string> {
  const files = readRuleFiles(directories)
  const loaded = files.ok ? loadRules(files.value, { renderer, validCron: checkCalendar, nowMs }) : files
  return loaded.ok ? ok(loaded.value) : fail(...loaded.faults.map(formatTextFault))
}
