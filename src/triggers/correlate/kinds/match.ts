import type { KeyState } from '../correlator.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** `match`: each message or event raises. Nothing is remembered. */
export class MatchKind implements Kind {
  readonly #tools: Tools<WhenOf<'match'>>

  constructor(tools: Tools<WhenOf<'match'>>) {
    this.#tools = tools
  }

  take({ given }: Part): void {
    const { keys, report, keyless } = this.#tools
    const key = keys.keyFor(given)
    if (key === undefined) return keyless()
    report.raise(key, { reason: 'matched', ...given })
  }

  due(): void {
    // It has no deadlines.
  }
  restored(): void {
    throw new RangeError('a match remembers nothing')
  }
  explain(): KeyState {
    return { summary: 'each match counts', have: undefined, need: undefined, dueMs: undefined }
  }
}
