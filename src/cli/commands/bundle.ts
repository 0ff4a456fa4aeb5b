import { createWriteStream } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { formatBytes } from '#base/bytes.ts'
import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { PROGRAM_ROOT, programVersion } from '../root.ts'

/** `hps bundle`: the archive for sites that are cut off. */
export const addBundle: AddCommand = (program, run) => {
  program
    .command('bundle')
    .summary('make an archive that starts without a network')
    .description('Makes an archive of the tracked files, the production packages and the runtime for this machine’s architecture. Unpacked, ./hps serve starts with neither npm nor a network.')
    .option('-o, --output <file>', 'the archive; hps-<version>-linux-<arch>.tar.gz in the working directory when left out')
    .action(
      run(async ({ io }, { output }: { readonly output?: string }) => {
        const [{ bundleContents }, { tarChunks }] = await Promise.all([import('../bundle/contents.ts'), import('../bundle/tar.ts')])
        const name = `hps-${programVersion()}-linux-${process.arch}`
        const file = output ?? `${name}.tar.gz`
        const { entries, mtimeSeconds, untracked } = bundleContents(PROGRAM_ROOT, process.arch)
        const inFolder = entries.map((entry) => ({ ...entry, name: `${name}/${entry.name}` }))
        await pipeline(Readable.from(tarChunks(inFolder, mtimeSeconds)), createGzip({ level: 6 }), createWriteStream(`${file}.part`))
        await rename(`${file}.part`, file)
        io.out(`${file}\n`)
        if (untracked.length > 0) io.talk(`${untracked.length} files that git does not track are not in it: ${untracked.slice(0, 5).join(', ')}${untracked.length > 5 ? ' …' : ''}`)
        io.talk(`${entries.length} files, ${formatBytes((await stat(file)).size)}; unpack it and run ./hps serve`)
        return EXIT.ok
      }),
    )
}
