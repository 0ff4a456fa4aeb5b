import type { Renderer } from '#render/index.ts'
import { surroundingsOf, type ReadContext } from './mail-context.ts'
import { mailHeaders } from './mail-headers.ts'
import { MAIL_HTML } from './mail-html.ts'
import type { Links, MailStory, ViewLimits } from './mail-story.ts'
import { mailSubject } from './mail-subject.ts'
import { MAIL_TEXT } from './mail-text.ts'
import { messageIdOf, threadHeaders } from './mail-thread.ts'
import { mailView, shownInFull } from './mail-view.ts'

export interface ComposeOptions {
  readonly renderer: Renderer
  readonly context: ReadContext
  /** Base of links in mails; undefined: no links. */
  readonly publicUrl: string | undefined
  /** Right side of message ids. */
  readonly domain: string
}

/** How much is shown, for servers that take mails of a bounded size only: each is tried when the one before was too large. */
export const MAIL_SIZES: readonly ViewLimits[] = [
  { inFull: 3, rows: 100, hasContext: true },
  { inFull: 1, rows: 30, hasContext: false },
  { inFull: 1, rows: 5, hasContext: false },
]

export interface MailParts {
  readonly story: MailStory
  readonly dedupKey: string
  /** Message-IDs that it answers. */
  readonly threads: readonly string[]
  readonly limits: ViewLimits
}

/** A mail without sender and receiver: subject, both forms, headers. */
export async function composeMail({ story, dedupKey, threads, limits }: MailParts, { renderer, context, publicUrl, domain }: ComposeOptions) {
  const around = limits.hasContext ? await Promise.all(lookedFor(story, limits).map((about) => surroundingsOf(about, context))) : []
  const view = mailView({ story, around, links: linksTo(publicUrl), limits })
  const messageId = messageIdOf(dedupKey, domain)
  return {
    messageId,
    ...threadHeaders(threads, messageId),
    date: new Date(story.atMs),
    subject: mailSubject(story),
    text: renderer.compile({ source: MAIL_TEXT, medium: 'mail', name: 'mail text' })(view),
    html: renderer.compile({ source: MAIL_HTML, medium: 'html', name: 'mail html' })(view),
    headers: mailHeaders(story, domain),
  }
}
export type ComposedMail = Awaited<ReturnType<typeof composeMail>>

/** What is looked for in the log. */
function lookedFor(story: MailStory, limits: ViewLimits): readonly Parameters<typeof surroundingsOf>[0][] {
  if (story.kind === 'command') return [{ ...story.command, isSilence: false }]
  return story.kind === 'alerts' ? shownInFull(story, limits) : []
}

/** Addresses of the pages of the hub. */
export function linksTo(publicUrl: string | undefined): Links {
  const base = publicUrl?.replace(/\/+$/, '')
  const at = (path: string): string | undefined => (base === undefined ? undefined : `${base}/#/${path}`)
  return {
    alert: (id) => at(`alert/${id}`),
    message: (seq) => at(`message/${seq}`),
    session: (name) => (name === '' ? undefined : at(`session/${encodeURIComponent(name.toWellFormed())}`)),
    node: (name) => (name === '' ? undefined : at(`node/${encodeURIComponent(name.toWellFormed())}`)),
    alerts: () => at('alerts'),
  }
}
