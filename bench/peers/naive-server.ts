import { createWriteStream } from 'node:fs'
import { createRequire } from 'node:module'

/** The whole of the naive baseline. Prints `ready`, then how many messages it wrote, twice a second. */
interface NaiveMessage { readonly date: Date; readonly host: string; readonly message: string }
interface NaiveServer {
  on(event: 'message', listener: (message: NaiveMessage) => void): void
  start(options: { readonly port: number; readonly address: string; readonly exclusive: boolean }): Promise<void>
}
const SyslogServer = createRequire(import.meta.url)('syslog-server') as new () => NaiveServer

const [port, path] = process.argv.slice(2)
const file = createWriteStream(path!)
const server = new SyslogServer()
let written = 0
server.on('message', ({ date, host, message }) => {
  file.write(`${date.toISOString()} ${host} ${message}\n`, () => void written++)
})
await server.start({ port: Number(port), address: '127.0.0.1', exclusive: true })
process.stdout.write('ready\n')
setInterval(() => process.stdout.write(`${written}\n`), 500)
