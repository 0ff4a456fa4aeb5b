import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Locked {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '../../..')
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { readonly packages: Readonly<Record<string, Locked>> }

/** Where Node finds `name` from the package at `from`: beside it, or further up. */
function placeOf(name: string, from: string): string | undefined {
  const path = from === '' ? [] : from.slice('node_modules/'.length).split('/node_modules/')
  for (let depth = path.length; depth >= 0; depth--) {
    const place = [...path.slice(0, depth), name].map((part) => `node_modules/${part}`).join('/')
    if (packages[place] !== undefined) return place
  }
  return undefined
}

test('the lock file has every package that another names, for other platforms too: npm ci installs nothing otherwise', () => {
  const missing = Object.entries(packages).flatMap(([from, { dependencies = {}, optionalDependencies = {} }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => placeOf(name, from) === undefined).map((name) => `${from} needs ${name}`))
  expect(missing).toEqual([])
})
