import { readBodyValues, takeBody } from './body.ts'
import { takeCisco } from './cisco.ts'
import { takeDhcp } from './dhcp.ts'
import { MAX_VALUES, type Field, type TakeField } from './field.ts'
import { takeHps } from './hps.ts'
import { takeStructuredData } from './structured-data.ts'

/** Fields shown of one message. */
const MAX_FIELDS = 128
/** Longest value shown; the query looks at all of it. */
const MAX_SHOWN_LENGTH = 2048

/** What the readers look at, decoded. */
export interface Said {
  readonly app: string
  readonly procid: string
  readonly structuredData: string
  readonly text: string
}

/** `isCut`: there are more fields, or longer values, than are given here. */
export interface MessageFields { readonly fields: readonly Field[]; readonly isCut: boolean }

/** All that a message says under a name, in the order in which it stands there. Never throws; linear in the length of the message. */
export function messageFields(said: Said): MessageFields {
  const fields: Field[] = []
  let isCut = false
  const take: TakeField = ({ kind, name, value }) => {
    const hasRoom = fields.length < MAX_FIELDS
    if (hasRoom) fields.push({ kind, name, value: value.slice(0, MAX_SHOWN_LENGTH) })
    if (!hasRoom || value.length > MAX_SHOWN_LENGTH) isCut = true
    return hasRoom
  }
  takeStructuredData(said.structuredData, take)
  takeHeader(said, take)
  takeBody(said.text, take)
  return { fields, isCut }
}

function takeHeader(said: Omit<Said, 'structuredData'>, take: TakeField): void {
  takeCisco(said.app, take)
  takeHps(said, take)
  takeDhcp(said, take)
}

const OF_HEADER = /^(?:cisco|hps|dhcp)\./
/** Fields of these names cannot be read from the text alone. */
export const needsHeader = (name: string): boolean => OF_HEADER.test(name)

/** The values that `.name:` asks for, as `messageFields` gives them under any kind but those of structured data; at most `MAX_VALUES`. */
export function readValues(said: Omit<Said, 'structuredData'>, name: string): readonly string[] {
  const ofText = readBodyValues(said.text, name)
  if (!needsHeader(name)) return ofText
  const values: string[] = []
  takeHeader(said, (field) => {
    if (field.name === name) values.push(field.value)
    return values.length < MAX_VALUES
  })
  return [...values, ...ofText].slice(0, MAX_VALUES)
}
