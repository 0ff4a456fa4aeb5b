import { InvalidArgumentError, Option } from 'commander'
import type { AckView } from '#api/index.ts'
import { ACK_KEY, APP } from '#domain/wire.ts'
import { describeAck } from '../ack-text.ts'
import type { AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { listOutputOption } from '../options.ts'
import { jsonLine, type Output } from '../output.ts'

/** As the hub allows. */
const MAX_WAIT_SECONDS = 30
const KEY_DIGITS = 16
/** A hub that answers at all does so this soon after the wait. */
const GRACE_MS = 10_000

interface AckOptions { readonly wait: number; readonly output: Output }

/** `hps ack`: did the message with this key arrive, and how? */
export const addAck: AddCommand = (program, run) => {
  program
    .command('ack')
    .summary('did a log message arrive, and by which way?')
    .description('Asks for a message whose tag is hps-ack and whose text is the key: whether it is on disk, by which transport, framing and dialect it came, and as whose. Without a key it makes one, says how to send it, and waits. The exit code is 0 when it arrived.')
    .argument('[key]', 'the text of the message: 8 to 64 of A-Z a-z 0-9 . _ -', ackKey)
    .addOption(new Option('-w, --wait <seconds>', `how long to wait for it, at most ${MAX_WAIT_SECONDS}`).argParser(waitSeconds).default(10))
    .addOption(listOutputOption())
    .action(
      run(async ({ io, paint, hub }, given: string | undefined, { wait, output }: AckOptions) => {
        const client = await hub({ timeoutMs: wait * 1000 + GRACE_MS })
        const key = given ?? newKey(io.random)
        if (given === undefined) io.talk(`-- send it from the machine within ${wait} s, by the way you want to try: logger -t ${APP.ack} ${key}`)
        const ack = await client.get<AckView>('/logs/ack', { key, wait, format: 'json' })
        io.out(output === 'json' ? jsonLine(ack) : describeAck(ack, paint))
        return ack.logged ? EXIT.ok : EXIT.failed
      }),
    )
}

const newKey = (random: () => number): string => `hps.${Array.from({ length: KEY_DIGITS }, () => Math.floor(random() * 16).toString(16)).join('')}`

function ackKey(text: string): string {
  if (!ACK_KEY.test(text)) throw new InvalidArgumentError('It must be 8 to 64 of A-Z a-z 0-9 . _ -')
  return text
}

function waitSeconds(text: string): number {
  const seconds = Number(text)
  if (!/^\d+(?:\.\d+)?$/.test(text) || seconds > MAX_WAIT_SECONDS) throw new InvalidArgumentError(`It must be seconds from 0 to ${MAX_WAIT_SECONDS}.`)
  return seconds
}
