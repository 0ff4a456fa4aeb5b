import { Type } from 'typebox'

// `type: [x, 'null']` rather than a union: the serialiser takes it without trying each branch
export const nullableString = (description?: string) => Type.Unsafe<string | null>({ type: ['string', 'null'], ...(description === undefined ? {} : { description }) })
export const nullableInteger = (description?: string) => Type.Unsafe<number | null>({ type: ['integer', 'null'], ...(description === undefined ? {} : { description }) })
