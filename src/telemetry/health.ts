/** Named health checks. `fail` makes the hub not ready; `warn` is shown and counted but the hub stays ready. */
type HealthStatus = 'pass' | 'warn' | 'fail'
export interface HealthResult { readonly status: HealthStatus; readonly reason?: string }
interface HealthReport { readonly status: HealthStatus; readonly checks: Readonly<Record<string, HealthResult>> }

export interface Health {
  /** `check` answers at once from what it already knows; it does no I/O. */
  register(name: string, check: () => HealthResult): void
  report(exclude?: readonly string[]): HealthReport
}

export function createHealth(): Health {
  const checks = new Map<string, () => HealthResult>()
  return {
    register: (name, check) => void checks.set(name, check),
    report(exclude = []) {
      const results = Object.fromEntries([...checks].filter(([name]) => !exclude.includes(name)).map(([name, check]) => [name, check()]))
      const statuses = Object.values(results).map((result) => result.status)
      return { status: statuses.includes('fail') ? 'fail' : statuses.includes('warn') ? 'warn' : 'pass', checks: results }
    },
  }
}
