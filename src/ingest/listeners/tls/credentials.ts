import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { fail, ok, type Result } from '#base/result.ts'
import type { TlsConfig } from './config.ts'

/** A certificate and its key, which fit each other, with what people want to know of it. */
export interface Credentials {
  readonly certificate: Buffer
  readonly key: Buffer
  readonly clientAuthorities: Buffer | undefined
  /** The name in the certificate, on one line. */
  readonly subject: string
  readonly fromMs: number
  readonly expiresMs: number
}

export interface ReadCredentials {
  /** The same for the same bytes in all files. */
  readonly fingerprint: string
  readonly outcome: Result<Credentials, string>
}

/** Reads the files of a listener. What is wrong with them is said without a byte of the key. */
export async function readCredentials(files: TlsConfig): Promise<ReadCredentials> {
  const names = [files.certificate_file, files.key_file, ...(files.client_ca_file === undefined ? [] : [files.client_ca_file])]
  try {
    const [certificate, key, clientAuthorities] = await Promise.all(names.map((name) => readFile(name)))
    const hash = createHash('sha256')
    for (const bytes of [certificate!, key!, clientAuthorities ?? Buffer.alloc(0)]) hash.update(`${bytes.length} `).update(bytes)
    return { fingerprint: hash.digest('hex'), outcome: check({ certificate: certificate!, key: key!, clientAuthorities }) }
  } catch (error) {
    const reason = `a file cannot be read: ${(error as Error).message}`
    return { fingerprint: reason, outcome: fail(reason) }
  }
}

function check(files: Pick<Credentials, 'certificate' | 'key' | 'clientAuthorities'>): Result<Credentials, string> {
  const { certificate, key, clientAuthorities } = files
  try {
    const leaf = new X509Certificate(certificate) // the first of the file (RFC 8446 section 4.4.2)
    if (clientAuthorities !== undefined) new X509Certificate(clientAuthorities)
    // asked first: OpenSSL itself takes a key of another kind, and then fails each handshake
    if (!leaf.checkPrivateKey(createPrivateKey(key))) return fail(NO_PAIR)
    createSecureContext({ cert: certificate, key, ca: clientAuthorities })
    return ok({ ...files, subject: leaf.subject.replaceAll('\n', ', '), fromMs: leaf.validFromDate.getTime(), expiresMs: leaf.validToDate.getTime() })
  } catch (error) {
    return fail(reasonOf(error as NodeJS.ErrnoException))
  }
}

const NO_PAIR = 'the key does not belong to the certificate'
const REASONS: Readonly<Record<string, string>> = {
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: NO_PAIR,
  ERR_OSSL_PEM_NO_START_LINE: 'a file holds no PEM of its kind',
  ERR_OSSL_UNSUPPORTED: 'the key is no PEM, or of a kind that is not known',
  ERR_MISSING_PASSPHRASE: 'the key wants a passphrase; the hub needs one without',
}

/** OpenSSL's own words name what was wrong and never what was in the file. */
const reasonOf = ({ code, message }: NodeJS.ErrnoException): string => REASONS[code ?? ''] ?? `the certificate or its key cannot be used: ${code ?? message}`
