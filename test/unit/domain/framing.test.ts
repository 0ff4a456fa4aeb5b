import { expect, test } from 'vitest'
import { FRAMING, FRAMINGS } from '#domain/framing.ts'

test('the number of a framing is its place in the list', () => {
  const words = Object.keys(FRAMING).map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  expect(words).toEqual([...FRAMINGS])
  expect(Object.values(FRAMING)).toEqual(FRAMINGS.map((_, at) => at))
})
