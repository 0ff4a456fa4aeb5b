import { createHash } from 'node:crypto'

/** References of a mail about many alerts: more make headers that some servers refuse (RFC 5322 section 2.1.1 bounds lines, not fields). */
const MAX_REFERENCES = 20

/** The part behind the `@` of message ids and of the list: the domain of the sender. */
export const mailDomain = (from: string): string => /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'

/** The same notice always has the same id (RFC 5322 section 3.6.4), so that a second copy, after a crash between sending and noting that, can be told as one. */
export const messageIdOf = (dedupKey: string, domain: string): string => `<${createHash('sha256').update(dedupKey).digest('hex').slice(0, 40)}@${domain}>`

/** Headers by which mail programs show one thread for an alert: its later mails answer the first one; a mail about several answers all of their threads. */
export function threadHeaders(threads: readonly string[], own: string): { readonly inReplyTo?: string; readonly references?: string[] } {
  const all = [...new Set(threads)].filter((id) => id !== own && /^<[^<>\s]+>$/.test(id)).slice(0, MAX_REFERENCES)
  return all.length === 0 ? {} : { inReplyTo: all[0]!, references: all }
}
