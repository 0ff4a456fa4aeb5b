import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { CliFault, EXIT } from '../exit.ts'
import type { TarEntry } from './tar.ts'

/** What the launcher leaves in node_modules once it has installed; with it, a bundle needs no npm. */
export const STAMP = 'node_modules/.hps-installed'

/** Libraries of the system that Node wants and a minimal system lacks; the launcher falls back on the ones in here. */
export const LIBRARIES = 'node_modules/.hps-libraries'
const CARRIED = /^\s*(lib(?:atomic|stdc\+\+|gcc_s)\.so\.\d+) => (\S+)/gm

/** Folders that nobody needs to run the hub: Node's headers and manuals. */
const LEFT_OUT = /^node_modules\/node-linux-[^/]+\/(include|share)$/

export interface BundleContents {
  readonly entries: readonly TarEntry[]
  /** Of the last commit: the one time of everything in the archive. */
  readonly mtimeSeconds: number
  /** Files that git neither tracks nor ignores; they stay behind. */
  readonly untracked: readonly string[]
}

/** All that a machine without a network needs to run the hub: tracked files, production packages, the runtime; sorted by name. */
export function bundleContents(root: string, arch: string): BundleContents {
  const listed = (...args: readonly string[]): string[] => git(root, ['ls-files', '-z', ...args]).split('\0').filter(Boolean)
  const tracked = listed().filter((name) => existsSync(join(root, name)))
  const packages = productionPackages(root, arch)
  const names = [...tracked, ...packages.flatMap((folder) => filesOf(root, folder))].sort((a, b) => (a < b ? -1 : 1))
  const stamp = Buffer.from(stampText(root))
  const entries: TarEntry[] = [...names.map((name) => entryOf(root, name)), ...systemLibraries(join(root, `node_modules/node-linux-${arch}/bin/node`)), { kind: 'file', name: STAMP, isExecutable: false, from: stamp }]
  return { entries, mtimeSeconds: Number(git(root, ['log', '-1', '--format=%ct'])), untracked: listed('--others', '--exclude-standard') }
}

/** Folders of the packages that the lock file wants in production on this machine. A needed one that is not installed is a fault. */
export function productionPackages(root: string, arch: string): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { readonly packages: Readonly<Record<string, LockedPackage>> }
  const wanted = Object.entries(lock.packages).filter(([folder, locked]) => folder !== '' && locked.dev !== true && locked.devOptional !== true && (locked.cpu?.includes(arch) ?? true) && (locked.os?.includes('linux') ?? true))
  const missing = wanted.filter(([folder, locked]) => !existsSync(join(root, folder)) && locked.optional !== true && locked.peer !== true)
  if (missing.length > 0) throw new CliFault(EXIT.failed, `${missing.length} packages are not installed, the first is ${missing[0]![0]}`, { hint: 'run ./hps version, which installs what is missing' })
  return wanted.map(([folder]) => folder).filter((folder) => existsSync(join(root, folder)))
}

interface LockedPackage {
  readonly dev?: true
  readonly devOptional?: true
  readonly optional?: true
  readonly peer?: true
  readonly cpu?: readonly string[]
  readonly os?: readonly string[]
}

/** Files of one package, not of the packages inside it: the lock file names those. */
function filesOf(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`
    if (!entry.isDirectory()) return [name]
    return entry.name === 'node_modules' || LEFT_OUT.test(name) ? [] : filesOf(root, name)
  })
}

/** By what the loader of this machine would take; none where there is no `ldd` to ask. */
function systemLibraries(node: string): TarEntry[] {
  const { stdout, error } = spawnSync('ldd', [node], { encoding: 'utf8' })
  if (error !== undefined) return []
  return [...stdout.matchAll(CARRIED)].map(([, name, path]) => ({ kind: 'file', name: `${LIBRARIES}/${name!}`, isExecutable: false, from: realpathSync(path!) }))
}

function entryOf(root: string, name: string): TarEntry {
  const from = join(root, name)
  const stat = lstatSync(from)
  if (stat.isSymbolicLink()) return { kind: 'link', name, target: readlinkSync(from) }
  return { kind: 'file', name, isExecutable: (stat.mode & 0o100) !== 0, from }
}

/** As the launcher writes it: what is installed, and for which lock file. */
export const stampText = (root: string): string => `serve ${createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex')}\n`

function git(root: string, args: readonly string[]): string {
  try {
    return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    throw new CliFault(EXIT.failed, `a bundle is made from a git checkout, and ${root} is none that git can read`, { hint: String((error as { stderr?: string }).stderr ?? error).trim(), cause: error })
  }
}
