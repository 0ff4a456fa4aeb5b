/** Which reader found a field, explained in docs/reference/query.md. */
export const FIELD_KINDS = ['structured-data', 'kmsg', 'label', 'repeated', 'json', 'cef', 'leef', 'named-values', 'key-value', 'cisco', 'hps', 'dhcp'] as const
export type FieldKind = (typeof FIELD_KINDS)[number]

/** Something that a message says under a name. Fields of a text are asked for as `.name:`, those of structured data and of a kernel's dictionary as `sd.name:`. */
export interface Field {
  readonly kind: FieldKind
  readonly name: string
  readonly value: string
}

/** What takes the fields of a reader one by one; false: it has enough, the reader ends. */
export type TakeField = (field: Field) => boolean

/** A path of names in a JSON text: the ways to part a name with dots double with each. */
export const MAX_PATH_PARTS = 8
/** Longest name that can be asked for; longer ones are no fields. */
export const MAX_NAME_LENGTH = 200
/** A message has at most this many values of one name; further ones are not looked at. */
export const MAX_VALUES = 64
