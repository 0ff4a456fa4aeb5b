import { groupNames } from '../match/condition.ts'
import type { Inventory } from '../inventory.ts'
import { MAX_KEY_CHARACTERS } from './bounds.ts'
import type { Pattern } from '../rules/rule.ts'
import { ByteReader, type ByteWriter } from './memory/bytes.ts'
import { fieldOf, type Captures, type Subject } from './subject.ts'

/**
 * Keys. For people and main a key is the text that alerts are told apart by, `["node=5","array=md0"]`: ids, so that a node that is
 * renamed keeps its alerts, and `source=` where no node is known. In memory it is the values alone, ids as short numbers.
 */
export interface KeyPlan {
  readonly parts: readonly KeyPart[]
}
interface KeyPart {
  readonly name: string
  readonly kind: 'node' | 'session' | 'app' | 'host' | 'field'
}

export const planOf = (by: readonly string[]): KeyPlan => ({
  parts: by.map((name) => ({ name, kind: name === 'node' || name === 'session' || name === 'app' || name === 'host' ? name : 'field' })),
})

const NODE = 0
const SOURCE = 1

export interface Given {
  readonly subject: Subject
  readonly captures: Captures
  /** Named groups that the pattern may give: one that took no part is an empty text, not a missing one. */
  readonly groups: ReadonlySet<string>
  readonly inventory: Inventory
}

export const groupsOf = (on: Pattern): ReadonlySet<string> => new Set(on.kind === 'line' ? groupNames(on.match) : [])

/**
 * Writes the key of what begins something. False: the message or event lacks a field of it (a label that the node does not have), so
 * that it belongs to no key.
 */
export function writeKey(plan: KeyPlan, given: Given, writer: ByteWriter): boolean {
  const { subject } = given
  for (const part of plan.parts) {
    if (part.kind === 'node') writeNode(subject, writer)
    else if (part.kind === 'session') writer.varint(subject.sessionId)
    else if (part.kind === 'field') {
      const value = textOf(part.name, given)
      if (value === undefined) return false
      writer.text(value)
    } else writer.text(subject[part.kind])
  }
  return true
}

const writeNode = ({ nodeId, sourceId }: Subject, writer: ByteWriter): ByteWriter => (nodeId === 0 ? writer.byte(SOURCE).varint(sourceId) : writer.byte(NODE).varint(nodeId))
function textOf(name: string, given: Given): string | undefined {
  const value = fieldOf(name, given) ?? (given.groups.has(name) ? '' : undefined)
  return value?.slice(0, MAX_KEY_CHARACTERS)
}

/** Bit n: part n is given. */
export type Mask = number
export const wholeMask = (plan: KeyPlan): Mask => 2 ** plan.parts.length - 1

/**
 * Writes what is known of the key by what ends or continues something: it stands for every key that agrees in the parts given.
 * Events have no `app` and `host`, and often no session. undefined: it is about no node while the key has one; nothing ends for all nodes at once.
 */
export function writeGiven(plan: KeyPlan, given: Given, writer: ByteWriter): Mask | undefined {
  const { subject } = given
  let mask = 0
  for (const [index, part] of plan.parts.entries()) {
    const bit = 2 ** index
    if (part.kind === 'node') {
      if (subject.nodeId === 0 && subject.event !== undefined) return undefined
      writeNode(subject, writer)
      mask += bit
    } else if (part.kind === 'field') {
      const value = textOf(part.name, given)
      if (value === undefined) continue
      writer.text(value)
      mask += bit
    } else if (subject.event === undefined || (part.kind === 'session' && subject.sessionId !== 0)) {
      if (part.kind === 'session') writer.varint(subject.sessionId)
      else writer.text(subject[part.kind])
      mask += bit
    }
  }
  return mask
}

/** Whether some occurrence of the pattern may not give every part of the key. */
export function mayBePartial(plan: KeyPlan, on: Pattern, groupsOfRule: ReadonlySet<string>): boolean {
  const own = groupsOf(on)
  return plan.parts.some(({ name, kind }) => (kind === 'field' ? groupsOfRule.has(name) && !own.has(name) : on.kind === 'event' && kind !== 'node'))
}

/** The parts of a key that a mask names, as one text that is equal where they are; `from`: where the key begins in the bytes. */
export function maskedText(plan: KeyPlan, key: Uint8Array, { mask, from }: { readonly mask: Mask; readonly from: number }): string {
  const reader = new ByteReader(key, from)
  let text = ''
  for (const [index, part] of plan.parts.entries()) {
    const start = reader.at
    skip(part, reader)
    if (((mask / 2 ** index) & 1) === 1) text += latin1(key, start, reader.at)
  }
  return text
}

const latin1 = (bytes: Uint8Array, from: number, to: number): string => Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')

function skip({ kind }: KeyPart, reader: ByteReader): void {
  if (kind === 'node') reader.at++
  const value = reader.varint()
  if (kind !== 'node' && kind !== 'session') reader.at += value
}

/** The key for people and main. */
export function keyText(plan: KeyPlan, key: Uint8Array, from: number): string {
  const reader = new ByteReader(key, from)
  return JSON.stringify(
    plan.parts.map(({ name, kind }) => {
      if (kind === 'node') return `${reader.byte() === NODE ? 'node' : 'source'}=${reader.varint()}`
      return `${name}=${kind === 'session' ? reader.varint() : reader.text()}`
    }),
  )
}

/** The parts of a key that are texts, by name: what people see of it beside node and session. */
export function keyFields(plan: KeyPlan, key: Uint8Array, from: number): Record<string, string> {
  const reader = new ByteReader(key, from)
  const fields: Record<string, string> = {}
  for (const part of plan.parts) {
    if (part.kind === 'node' || part.kind === 'session') skip(part, reader)
    else {
      const value = reader.text()
      if (value !== '') fields[part.name] = value
    }
  }
  return fields
}

/** Node and session of a key; 0: it has none. */
export function keyIds(plan: KeyPlan, key: Uint8Array, from: number): { readonly nodeId: number; readonly sessionId: number } {
  const reader = new ByteReader(key, from)
  let nodeId = 0
  let sessionId = 0
  for (const part of plan.parts) {
    if (part.kind === 'node') {
      const tag = reader.byte()
      const id = reader.varint()
      if (tag === NODE) nodeId = id
    } else if (part.kind === 'session') sessionId = reader.varint()
    else skip(part, reader)
  }
  return { nodeId, sessionId }
}

/** The way back from `keyText`; false: it is no key of this plan. */
export function writeKeyText(plan: KeyPlan, text: string, writer: ByteWriter): boolean {
  const values = partsOf(text)
  if (values?.length !== plan.parts.length) return false
  return plan.parts.every(({ name, kind }, index) => {
    const value = values[index]!
    const equals = value.indexOf('=', kind === 'field' ? name.length : 0)
    const [label, rest] = [value.slice(0, equals), value.slice(equals + 1)]
    if (kind === 'field' || kind === 'app' || kind === 'host') return label === name && writer.text(rest) === writer
    if (!/^\d{1,16}$/.test(rest)) return false
    if (kind === 'session') return label === 'session' && writer.varint(Number(rest)) === writer
    if (label !== 'node' && label !== 'source') return false
    return writer.byte(label === 'node' ? NODE : SOURCE).varint(Number(rest)) === writer
  })
}

function partsOf(text: string): readonly string[] | undefined {
  try {
    const parts: unknown = JSON.parse(text)
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
