import type { StoredMessage } from '#domain/message.ts'
import { explainMessage, type MessageStudy } from './explain-message.ts'
import type { StudyWorld } from './explain-world.ts'
import { outlineOf, studyNode, type NodeQuestion, type NodeStudy, type RuleOutline } from './why-not-node.ts'

/** What main asks the rules thread; messages are read by main, so that the stream does not wait for the store. */
export type StudyQuestion =
  | { readonly kind: 'message'; readonly message: StoredMessage }
  | { readonly kind: 'outline'; readonly rule: string }
  | ({ readonly kind: 'node'; readonly rule: string } & NodeQuestion)
export type StudyAnswer =
  | { readonly kind: 'message'; readonly study: MessageStudy }
  | { readonly kind: 'outline'; readonly outline: RuleOutline }
  | { readonly kind: 'node'; readonly study: NodeStudy }
  /** There is no rule of that name; or the rules are not in use yet; or something unexpected, which must not end the thread. */
  | { readonly kind: 'no-rule' }
  | { readonly kind: 'not-ready' }
  | { readonly kind: 'failed'; readonly reason: string }

/** Messages of one question: each is held against the rule while the stream waits. */
export const MAX_STUDIED = 500

/** @param world undefined: no set is in use yet */
export function answerStudy(question: StudyQuestion, world: StudyWorld | undefined): StudyAnswer {
  if (world === undefined) return { kind: 'not-ready' }
  try {
    if (question.kind === 'message') return { kind: 'message', study: explainMessage(question.message, world) }
    const rule = world.rules.find(({ id }) => id === question.rule)
    if (rule === undefined) return { kind: 'no-rule' }
    if (question.kind === 'outline') return { kind: 'outline', outline: outlineOf(rule, world.stopped) }
    return { kind: 'node', study: studyNode(rule, { ...question, messages: question.messages.slice(0, MAX_STUDIED) }, world) }
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}
