import { realpathSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'

/**
 * Where an asset is, or undefined when it is not there or not below the folder. Links are followed and the end of them is
 * looked at, so a link that leads outside is refused like `..`; only regular files are assets.
 */
export function resolveAsset(directory: string, path: string): string | undefined {
  if (path === '' || path.includes('\0') || path.startsWith('/') || path.split('/').includes('..')) return undefined
  try {
    const root = realpathSync(resolve(directory))
    const file = realpathSync(join(root, path))
    return file.startsWith(root + sep) && statSync(file).isFile() ? file : undefined
  } catch (error) {
    if (NOT_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES'])

/** The URL of an asset, each part of its path encoded. */
export const assetUrl = (hubUrl: string, path: string): string => `${hubUrl}/boot/v1/asset/${path.split('/').map(encodeURIComponent).join('/')}`
