import { createRenderer } from '#render/index.ts'
import { buildMail } from '#triggers/actions/mail-build.ts'
import { composeMail, MAIL_SIZES, type ComposeOptions } from '#triggers/actions/mail-compose.ts'
import { sectionOf } from '#triggers/actions/mail-runbook.ts'
import { taskOf } from '#triggers/actions/mail-story-of.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { Notice } from '#triggers/notice.ts'
import { AT_MS, FACTS, RUNBOOK } from './samples.ts'

const renderer = createRenderer()
const lookups = { facts: () => FACTS, runbook: (reference: string) => sectionOf(RUNBOOK, reference.split('#')[1] ?? ''), clock: () => AT_MS, hubName: 'hub.example.org' }

/** The mail of a notice as it is made for a server, on a hub with these messages. */
export function made(notice: Notice, { lines = [], change = {}, size = 0 }: { readonly lines?: readonly StoredMessage[]; readonly change?: Partial<ComposeOptions>; readonly size?: number } = {}) {
  const task = taskOf({ payload: JSON.stringify(notice), receiver: notice.receiver, alertId: undefined }, lookups)
  return composeMail({ ...task, dedupKey: 'key-9', limits: MAIL_SIZES[size]! }, { renderer, domain: 'hub.example.org', publicUrl: 'https://hub.example.org:8443/', context: () => Promise.resolve(lines), ...change })
}

/** The same as bytes. */
export const builtMail = async (...args: Parameters<typeof made>): Promise<Buffer> => buildMail(await made(...args), { from: 'HPS hub <hps@hub.example.org>', to: ['ops@example.org'] })
