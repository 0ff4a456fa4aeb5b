import { didYouMean } from '#base/text.ts'
import { AppFault } from '#domain/fault.ts'

/** `firing,acknowledged`: words of a closed list. @throws AppFault `bad-request` with what was meant */
export function readWords<W extends string>(text: string | undefined, known: readonly W[], what: string): readonly W[] | undefined {
  if (text === undefined) return undefined
  return text.split(',').map((part) => {
    const word = part.trim()
    const found = known.find((one) => one === word)
    if (found !== undefined) return found
    const near = didYouMean(word, known)
    throw new AppFault('bad-request', `There is no ${what} “${word}”${near === undefined ? `: there are ${known.join(', ')}` : `: did you mean ${near}?`}`)
  })
}
