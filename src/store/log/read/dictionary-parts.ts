import type { Batch } from '#domain/batch.ts'
import type { PartReader } from './count-keys.ts'
import { createDictionaryRow, fillOriginRow, fillShapeRow } from './dictionary-rows.ts'
import type { OpenRunFile } from './run-files.ts'

/** Parts of dictionary entries, asked once. */
export interface DictionaryParts {
  ofOrigin(file: OpenRunFile, index: 0 | 1, number: number): number
  ofShape(file: OpenRunFile, index: 0 | 1, id: number): number
}

export function createDictionaryParts(readers: readonly PartReader[]): DictionaryParts {
  const row = createDictionaryRow()
  const remember = (fill: (row: Batch, file: OpenRunFile, number: number) => void): DictionaryParts['ofOrigin'] => {
    const known = new Map<OpenRunFile, Map<number, number>[]>()
    return (file, index, number) => {
      let tables = known.get(file)
      if (tables === undefined) known.set(file, (tables = [new Map(), new Map()]))
      let part = tables[index]!.get(number)
      if (part === undefined) {
        fill(row, file, number)
        part = readers[index]!(row, 0)
        tables[index]!.set(number, part)
      }
      return part
    }
  }
  return {
    ofOrigin: remember((to, file, number) => fillOriginRow(to, file.dictionaries().origins[number]!)),
    ofShape: remember((to, file, id) => (id === 0 ? undefined : fillShapeRow(to, file.dictionaries().shapes[id - 1]!))),
  }
}
