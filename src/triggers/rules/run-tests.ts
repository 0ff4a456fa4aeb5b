import type { RuleFault } from './fault.ts'
import type { Rule, RuleTest, Step } from './rule.ts'
import { unexpected } from './test-expect.ts'
import { createTestWorld, type TestWorld } from './test-world.ts'

/**
 * The tests of a rule that do not come out as expected, each at the step where it first went wrong. They run through the memory
 * of rules, the alerts and the inhibition that run live, on a clock of their own. A rule that is `off` or `shadow` is tested as
 * if it were live. `set`: where rules that it names (`alerts`, `inhibit`) are looked for; they are part of its world.
 */
export function runTests(rule: Rule, set: readonly Rule[] = []): RuleFault[] {
  const rules = [rule, ...companions(rule, set)] as const
  return rule.tests.flatMap((test) => {
    const failure = runTest(test, rules)
    return failure === undefined ? [] : [{ ...failure, message: `test “${test.name}”: ${failure.message}` }]
  })
}

function runTest(test: RuleTest, rules: readonly [Rule, ...Rule[]]): RuleFault | undefined {
  const world = createTestWorld({ rules, test })
  for (const step of test.steps) {
    const wrong = bounded(() => runStep(step, world))
    if (wrong !== undefined) return { path: step.path, message: wrong }
  }
  return undefined
}

/** A test that would never end is a test that fails. */
function bounded(run: () => string | undefined): string | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

function runStep(step: Step, world: TestWorld): string | undefined {
  switch (step.kind) {
    case 'advance':
      world.passTo(world.nowMs + step.byMs)
      return undefined
    case 'line':
    case 'event':
      if (step.atMs < world.nowMs) return 'it is earlier than what stands before it'
      if (step.kind === 'line') world.line(step)
      else world.event(step)
      return undefined
    case 'expect': {
      const wrong = unexpected(step.expect, world)
      world.settle()
      return wrong
    }
  }
}

/** Rules that a rule names, and those that these name. */
function companions(rule: Rule, set: readonly Rule[]): readonly Rule[] {
  const found = new Set<Rule>([rule])
  for (const one of found) {
    const named = [...(one.when.kind === 'alerts' ? one.when.rules : []), ...(one.policy.inhibit?.rules ?? [])]
    if (named.length > 0) for (const other of set) if (other.id !== rule.id && named.some((pattern) => isNamed(pattern, other.id))) found.add(other)
  }
  return [...found].slice(1)
}

const isNamed = (pattern: string, id: string): boolean => (pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern)
