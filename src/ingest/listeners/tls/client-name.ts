import type { TLSSocket } from 'node:tls'

/** A name as a host has it; a longer or stranger one names nobody. */
const HOST_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,252})$/i

/** The name in a client's certificate that was verified: the first DNS name (RFC 5425 section 5.2), else the common name; undefined where there is neither. */
export function clientName(stream: Pick<TLSSocket, 'getPeerX509Certificate'>): string | undefined {
  const certificate = stream.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  return nameIn(certificate.subjectAltName, certificate.subject)
}

/** @param alternatives as Node writes them: `DNS:a, IP Address:1.2.3.4`, in quotes what could be mistaken for more than one; @param subject a part a line */
export function nameIn(alternatives: string | undefined, subject: string | undefined): string | undefined {
  // no host name needs quotes, and splitting a quoted text would let it say what it likes
  const names = alternatives === undefined || alternatives.includes('"') ? [] : alternatives.split(', ')
  const dns = names.find((name) => name.startsWith('DNS:'))?.slice('DNS:'.length)
  const name = dns ?? subject?.split('\n').findLast((part) => part.startsWith('CN='))?.slice('CN='.length)
  return name !== undefined && HOST_NAME.test(name) ? name.toLowerCase() : undefined
}
