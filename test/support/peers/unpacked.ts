import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../child.ts'

/** Programs that come unpacked, since their packages cannot stand beside those of others. */
export type UnpackedPackage = 'postfix' | 'opensmtpd' | 'prometheus-alertmanager'

const FOLDER = fileURLToPath(new URL('../../system/.cache/packages', import.meta.url))

/** Unpacks a package of Debian where that was not done yet, and answers with its folder; it needs Debian's archive and no more. */
export async function unpacked(name: UnpackedPackage): Promise<string> {
  const { code, output } = await run(fileURLToPath(new URL('unpack-package.sh', import.meta.url)), [FOLDER, name])
  if (code !== 0) throw new Error(`${name} could not be unpacked: ${output}`)
  return join(FOLDER, name)
}
