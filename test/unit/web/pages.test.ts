import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadPages } from '#web/index.ts'

const pages = loadPages()
const textOf = (name: string): string => Buffer.from(pages.get(name)!.bytes).toString()
const scripts = [...pages.keys()].filter((name) => name.endsWith('.js'))

test('the pages are read with their types and a tag of their bytes', () => {
  expect(pages.get('index.html')).toMatchObject({ type: 'text/html; charset=utf-8', etag: expect.stringMatching(/^"[\w-]{22}"$/) })
  expect(pages.get('app.css')?.type).toBe('text/css; charset=utf-8')
  expect(scripts.length).toBeGreaterThan(15)
  expect(new Set([...pages.values()].map(({ etag }) => etag)).size).toBe(pages.size)
})

test('no script makes markup of a text, runs a text, or asks anybody but the hub', () => {
  const ways = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|\beval\b|new Function|setTimeout\(\s*['"`]|https?:\/\//
  expect(scripts.filter((name) => ways.test(textOf(name)))).toEqual([])
})

test('the page has no script, style or handler of its own: the content policy would refuse it', () => {
  const html = textOf('index.html')
  expect(html).not.toMatch(/<style|style=|\son[a-z]+=|<script(?![^>]*\ssrc=)/i)
  expect([...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!).filter((address) => !address.startsWith('/web/') && !address.startsWith('#/'))).toEqual([])
  expect(textOf('app.css')).not.toMatch(/@import|url\(/)
})

test('every file that a page or a script names is there', () => {
  const named = [textOf('index.html'), ...scripts.map(textOf)].flatMap((text) => [...text.matchAll(/(?:from '\.\/|"\/web\/)([\w.-]+)['"]/g)].map(([, name]) => name!))
  expect(named.length).toBeGreaterThan(40)
  expect(named.filter((name) => !pages.has(name))).toEqual([])
})

test('every file is small enough to be read in one sitting', () => {
  expect([...pages].filter(([, { bytes }]) => Buffer.from(bytes).toString().split('\n').length > 300).map(([name]) => name)).toEqual([])
})

test('text has contrast enough in both colour schemes (WCAG 2.2, 1.4.3)', () => {
  const css = readFileSync(new URL('../../../src/web/static/app.css', import.meta.url), 'utf8')
  const [light, dark] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, block]) => Object.fromEntries([...block!.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, colour]) => [name!, colour!])))
  const low: string[] = []
  for (const [scheme, colours] of [['light', light!], ['dark', dark!]] as const) {
    const pairs = ['paper', 'sheet', 'raised'].flatMap((ground) => ['ink', 'ink-soft', 'ink-faint', 'accent', 'warn', 'bad', 'good', 'control'].map((ink) => [ink, ground] as const))
    for (const [ink, ground] of [...pairs, ['good', 'good-soft'], ['warn', 'warn-soft'], ['bad', 'bad-soft'], ['busy', 'busy-soft'], ['ink', 'bad-soft'], ['ink', 'accent-soft'], ['ink-faint', 'accent-soft'], ['sheet', 'accent']] as const) {
      const ratio = contrast(colours[ink]!, colours[ground]!)
      if (ratio < 4.5) low.push(`${scheme} ${ink} on ${ground}: ${ratio.toFixed(2)}`)
    }
  }
  expect(low).toEqual([])
})

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
