import type { AlertSeverity } from '#domain/alert.ts'
import type { Result } from '#base/result.ts'
import { listOf, meantAmong, timeOf, type RouteFault } from './fault.ts'
import type { QuietInterval } from './quiet.ts'
import { NOBODY, type Receiver, type Webhook } from './routes.ts'
import type { ReceiverText, RoutesFile, WebhookText } from './schema.ts'

/** Reads a small file that the routes name; the fault says why it cannot. */
export type ReadSecret = (path: string) => Result<string, string>

/** Digests are at most a week long. */
const MAX_DIGEST_MS = 7 * 86_400_000
const MIN_DIGEST_MS = 60_000
export const DEFAULT_MAX_PER_HOUR = 60
/** Standard Webhooks 1.0, "Signature scheme": secrets are between 24 and 64 bytes. */
const KEY_BYTES = { least: 24, most: 64 } as const

export function checkReceivers(file: RoutesFile, readSecret: ReadSecret): readonly RouteFault[] {
  const { receivers } = file
  const names = receivers.map(({ name }) => name)
  const named = (key: 'default' | 'fallback'): RouteFault[] => {
    const name = file[key]
    return name === undefined || names.includes(name) ? [] : [{ path: [key], message: `there is no receiver \`${name}\``, hint: meantAmong(name, names) }]
  }
  return [
    ...named('default'),
    ...named('fallback'),
    ...receivers.flatMap((receiver, index) => checkReceiver(receiver, { path: ['receivers', index], isTwice: names.indexOf(receiver.name) !== index, quiet: Object.keys(file.quiet_hours ?? {}), readSecret })),
  ]
}

interface CheckContext { readonly path: readonly (string | number)[]; readonly isTwice: boolean; readonly quiet: readonly string[]; readonly readSecret: ReadSecret }

function checkReceiver(receiver: ReceiverText, { path, isTwice, quiet, readSecret }: CheckContext): readonly RouteFault[] {
  const { name, mail, webhooks = [], digest } = receiver
  const faults: RouteFault[] = []
  if (isTwice) faults.push({ path: [...path, 'name'], message: `there is a receiver \`${name}\` already` })
  if (name === NOBODY) faults.push({ path: [...path, 'name'], message: `\`${NOBODY}\` is the name by which routes tell nobody` })
  if (mail === undefined && webhooks.length === 0) faults.push({ path, message: `receiver \`${name}\` has neither \`mail\` nor \`webhooks\`` })
  if (digest !== undefined && (timeOf(digest, MAX_DIGEST_MS) ?? 0) < MIN_DIGEST_MS) faults.push({ path: [...path, 'digest'], message: `\`${digest}\` is not a time from 1m to 7d`, hint: 'e.g. 24h' })
  for (const hours of listOf(receiver.quiet)) if (!quiet.includes(hours)) faults.push({ path: [...path, 'quiet'], message: `there are no quiet hours \`${hours}\``, hint: quiet.length === 0 ? 'name them under quiet_hours' : meantAmong(hours, quiet) })
  const hooks = webhooks.map((webhook, index) => webhook.name ?? String(index + 1))
  webhooks.forEach((webhook, index) => {
    const at = [...path, 'webhooks', index]
    if (hooks.indexOf(hooks[index]!) !== index) faults.push({ path: at, message: `there is a webhook \`${hooks[index]}\` of this receiver already` })
    faults.push(...checkWebhook(webhook, at, readSecret))
  })
  return faults
}

function checkWebhook({ url, secret_files: files, token_file: token, ca_file: ca }: WebhookText, path: CheckContext['path'], readSecret: ReadSecret): readonly RouteFault[] {
  const faults: RouteFault[] = []
  const parsed = URL.parse(url)
  if (parsed === null) faults.push({ path: [...path, 'url'], message: 'this is no web address', hint: 'https://host/path' }) // not what it is: its path may be a secret
  else if (parsed.username !== '' || parsed.password !== '') faults.push({ path: [...path, 'url'], message: 'no password in an address: it would be shown', hint: 'use token_file or secret_files' })
  for (const file of listOf(files)) {
    const read = readSecret(file)
    if (!read.ok) faults.push({ path: [...path, 'secret_files'], message: `${file} cannot be read: ${read.faults[0]}` })
    else if (keyOf(read.value) === undefined) faults.push({ path: [...path, 'secret_files'], message: `${file} holds no secret`, hint: '`whsec_` and 24 to 64 bytes in base64: printf whsec_%s "$(openssl rand -base64 32)"' })
  }
  for (const [key, file] of [['token_file', token], ['ca_file', ca]] as const) {
    const read = file === undefined ? undefined : readSecret(file)
    if (read !== undefined && !read.ok) faults.push({ path: [...path, key], message: `${file} cannot be read: ${read.faults[0]}` })
    else if (key === 'token_file' && read !== undefined && read.ok && !/^[\x21-\x7e]+$/.test(read.value.trim())) faults.push({ path: [...path, key], message: `${file} holds no token`, hint: 'one line of letters, digits and signs' })
  }
  return faults
}

/** The key of `whsec_<base64>`; undefined: it is none. */
export function keyOf(secret: string): Buffer | undefined {
  const match = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret.trim())
  const key = match === null ? undefined : Buffer.from(match[1]!, 'base64')
  return key !== undefined && key.length >= KEY_BYTES.least && key.length <= KEY_BYTES.most ? key : undefined
}

/** A receiver that was checked. */
export function readReceiver(text: ReceiverText, { quiet, readSecret }: { readonly quiet: ReadonlyMap<string, readonly QuietInterval[]>; readonly readSecret: ReadSecret }): Receiver {
  return {
    name: text.name, mail: text.mail ?? [], webhooks: (text.webhooks ?? []).map((webhook, index) => readWebhook(webhook, { index, readSecret })),
    maxPerHour: text.max_per_hour ?? DEFAULT_MAX_PER_HOUR, digestMs: text.digest === undefined ? undefined : timeOf(text.digest, MAX_DIGEST_MS),
    quiet: listOf(text.quiet).flatMap((name) => quiet.get(name) ?? []), quietExcept: (text.quiet_except ?? []) as readonly AlertSeverity[],
  }
}

function readWebhook(text: WebhookText, { index, readSecret }: { readonly index: number; readonly readSecret: ReadSecret }): Webhook {
  const contents = (file: string | undefined): string | undefined => {
    const read = file === undefined ? undefined : readSecret(file)
    return read !== undefined && read.ok ? read.value : undefined
  }
  return {
    name: text.name ?? String(index + 1), url: text.url, form: (text.form ?? 'standard') as Webhook['form'],
    keys: listOf(text.secret_files).map((file) => keyOf(contents(file) ?? '')).filter((key) => key !== undefined),
    token: contents(text.token_file)?.trim(), ca: contents(text.ca_file), allowPrivate: text.allow_private ?? true, allowLoopback: text.allow_loopback ?? false,
  }
}
