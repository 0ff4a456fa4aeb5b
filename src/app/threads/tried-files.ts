import { basename } from 'node:path'
import type { RuleSource } from '#triggers/threads.ts'

/** A rule file that is tried. */
export interface TriedFile { readonly file: string; readonly text: string }

/** The tried file stands for the one of its name, in the folder and in the order of that. */
export function withTried(sources: readonly RuleSource[], { file, text }: TriedFile): readonly RuleSource[] {
  const isOf = ({ name, isLocal }: RuleSource): boolean => isLocal !== true && basename(name) === file
  return sources.some(isOf) ? sources.map((source) => (isOf(source) ? { ...source, name: file, text } : source)) : [...sources, { name: file, text }]
}
