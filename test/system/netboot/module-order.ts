import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/**
 * Kernel modules in the order in which `insmod` takes them: `module-order.ts <lib/modules/version> <module>…`.
 * Dependencies are read from the `depends=` text in the module itself, so neither depmod nor kmod is needed.
 */
const [folder, ...wanted] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: module-order.ts <lib/modules/version> <module>…')

const nameOf = (path: string): string => basename(path).replace(/\.ko.*$/, '').replaceAll('-', '_')
const linesOf = (file: string): string[] => readFileSync(join(folder, file), 'utf8').trim().split('\n')
const paths = new Map(linesOf('modules.order').map((path) => [nameOf(path), path]))
const builtIn = new Set(linesOf('modules.builtin').map(nameOf))

const ordered: string[] = []
function visit(name: string): void {
  const path = paths.get(name)
  if (path === undefined) {
    if (!builtIn.has(name)) throw new Error(`there is no module ${name}`)
    return
  }
  if (ordered.includes(path)) return
  const text = readFileSync(join(folder!, path)).toString('latin1')
  const depends = /\0depends=([^\0]*)/.exec(`\0${text}`)?.[1] ?? ''
  for (const other of depends.split(',').filter((word) => word !== '')) visit(other.replaceAll('-', '_'))
  ordered.push(path)
}
for (const name of wanted) visit(name.replaceAll('-', '_'))
process.stdout.write(ordered.map((path) => `${join(folder, path)}\n`).join(''))
