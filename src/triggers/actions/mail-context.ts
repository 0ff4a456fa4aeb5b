import { LAST_LOOKED_AT, LAST_WORDS, pickLastWords } from '#domain/last-words.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { Surroundings, ToldAlert } from './mail-story.ts'

/** Messages around one, of the same node, oldest first; the log store's `context`. */
export type ReadContext = (seq: number, range: { readonly before: number; readonly after: number; readonly nodeId: number }) => Promise<readonly StoredMessage[]>

/** A mail is read on a phone: more than this is behind the link. */
const MAX_CONTEXT = 30

/** What the node logged around the message that matched; where the node fell silent, its last words, and before them what tells of an end. Never throws: a mail without context is worth more than none. */
export async function surroundingsOf(about: Pick<ToldAlert, 'seq' | 'nodeId' | 'before' | 'after' | 'isSilence'>, read: ReadContext): Promise<Surroundings> {
  const { seq, nodeId } = about
  if (seq === 0) return { messages: [], note: about.isSilence ? 'It never said anything.' : '' }
  try {
    if (about.isSilence) return lastWords(await read(seq, { before: LAST_LOOKED_AT, after: 0, nodeId }))
    const [before, after] = [Math.min(about.before, MAX_CONTEXT), Math.min(about.after, MAX_CONTEXT)]
    return { messages: await read(seq, { before, after, nodeId }), note: '' }
  } catch (error) {
    return { messages: [], note: `The messages around it could not be read: ${(error as Error).message}` }
  }
}

function lastWords(oldestFirst: readonly StoredMessage[]): Surroundings {
  const { messages, fatal } = pickLastWords(oldestFirst.toReversed())
  const [first] = messages
  const earlier = fatal.filter(({ seq }) => first === undefined || seq < first.seq)
  return { messages: [...earlier, ...messages].slice(-LAST_WORDS - earlier.length), note: messages.length === 0 ? 'What it said before is not stored any more.' : '' }
}
