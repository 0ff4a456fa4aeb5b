import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

/** Makes the kernel forget what it read from disks. @returns whether it was permitted; only root may */
export function dropPageCache(): boolean {
  try {
    execFileSync('sync')
    writeFileSync('/proc/sys/vm/drop_caches', '1')
    return true
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
