import { LABEL_PREFIX } from '../wire.ts'
import { takeCef } from './cef.ts'
import { MAX_VALUES, type Field, type TakeField } from './field.ts'
import { readJsonObject, readJsonPath, takeJson } from './json.ts'
import { readKeyValues, takeKeyValues } from './key-value.ts'
import { takeLeef } from './leef.ts'
import { readNamedValues, takeNamedValues } from './named-values.ts'
import { readRepetition } from './repeated.ts'

/**
 * The fields of a text, in order: those of a session label, how often it is repeated, then of the first form that it is of:
 * JSON, CEF, LEEF, named values, `name=value`. Never throws; linear in the length of the text.
 */
export function takeBody(text: string, take: TakeField): void {
  const { fields, rest } = unwrap(text)
  if (!fields.every(take)) return
  const object = readJsonObject(rest)
  if (object !== undefined) takeJson(object, take)
  else if (!takePiped(rest, take) && !takeNamedValues(rest, take)) takeKeyValues(rest, take)
}

/** The values of one name, as `takeBody` gives them; those of a path also where it ends in an object or a list. */
export function readBodyValues(text: string, name: string): readonly string[] {
  const { fields, rest } = unwrap(text)
  const values = readFormValues(rest, name)
  if (fields.length === 0) return values
  return [...fields.filter((field) => field.name === name).map(({ value }) => value), ...values].slice(0, MAX_VALUES)
}

function readFormValues(text: string, name: string): readonly string[] {
  const object = readJsonObject(text)
  if (object !== undefined) {
    const value = readJsonPath(object, name.split('.'))
    return value === undefined ? [] : [value]
  }
  const values: string[] = []
  const isPiped = takePiped(text, (field) => {
    if (field.name === name) values.push(field.value)
    return values.length < MAX_VALUES
  })
  return isPiped ? values : (readNamedValues(text, name) ?? readKeyValues(text, name))
}

/** Both have at least four bars. */
const takePiped = (text: string, take: TakeField): boolean => text.includes('|') && (takeCef(text, take) || takeLeef(text, take))

const NONE: readonly Field[] = []
/** Begins a session label, or one of the forms of a repetition. */
const IS_WRAPPED = /^[[mlL-]/

/** Takes off what stands around a text: a session label, and that it is repeated. */
function unwrap(text: string): { readonly fields: readonly Field[]; readonly rest: string } {
  if (!IS_WRAPPED.test(text)) return { fields: NONE, rest: text }
  const fields: Field[] = []
  let rest = text
  const label = rest.startsWith('[') ? LABEL_PREFIX.exec(rest)?.[0] : undefined
  if (label !== undefined) {
    takeKeyValues(label.slice(1, -2), ({ name, value }) => fields.push({ kind: 'label', name, value }) < MAX_VALUES)
    rest = rest.slice(label.length)
  }
  const repetition = readRepetition(rest)
  if (repetition !== undefined) {
    fields.push({ kind: 'repeated', name: 'repeated', value: repetition.count })
    rest = repetition.text
  }
  return { fields, rest }
}
