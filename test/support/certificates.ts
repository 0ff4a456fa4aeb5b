import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** X.509 certificates for tests, written here byte by byte (RFC 5280): no program is needed, and a certificate may live as briefly as a test. */

export interface Issued {
  readonly certificate: string
  readonly key: string
}

export interface Authority extends Issued {
  /** A certificate that comes from this authority. */
  issue(wanted: Wanted): Issued
}

interface Wanted {
  readonly name: string
  /** DNS names in subjectAltName; the address 127.0.0.1 is always among the names. `[]`: no subjectAltName at all. */
  readonly dns?: readonly string[]
  readonly fromMs?: number
  readonly expiresMs?: number
}

const DAY_MS = 86_400_000

/** An authority of its own. */
export function anAuthority(name = 'Test authority'): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const own = { issuer: name, signedBy: keys.privateKey }
  const certificate = pem(certify({ ...own, wanted: { name }, publicKey: keys.publicKey, extensions: [extension('551d13', seq(tlv(0x01, [0xff])))] }))
  return {
    certificate,
    key: keyText(keys.privateKey),
    issue(wanted) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { dns = [wanted.name] } = wanted
      const names = [...dns.map((text) => tlv(0x82, Buffer.from(text))), tlv(0x87, [127, 0, 0, 1])]
      return { certificate: pem(certify({ ...own, wanted, publicKey, extensions: dns.length === 0 ? [] : [extension('551d11', seq(...names))] })), key: keyText(privateKey) }
    },
  }
}

export interface CertificateFiles { readonly certificate_file: string; readonly key_file: string }

/** Writes `<name>.pem` and `<name>.key`, over those that are there. */
export function writeCertificate(folder: string, name: string, { certificate, key }: Issued): CertificateFiles {
  const files = { certificate_file: join(folder, `${name}.pem`), key_file: join(folder, `${name}.key`) }
  writeFileSync(files.certificate_file, certificate)
  writeFileSync(files.key_file, key)
  return files
}

const ECDSA_WITH_SHA256 = (): Buffer => seq(tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex')))

function certify({ wanted, issuer, signedBy, publicKey, extensions }: { readonly wanted: Wanted; readonly issuer: string; readonly signedBy: KeyObject; readonly publicKey: KeyObject; readonly extensions: readonly Buffer[] }): Buffer {
  const { fromMs = Date.now() - DAY_MS, expiresMs = Date.now() + 90 * DAY_MS } = wanted
  const serial = randomBytes(8)
  serial[0]! &= 0x7f
  const body = seq(
    tlv(0xa0, tlv(0x02, [2])), // version 3
    tlv(0x02, [0x01, ...serial]),
    ECDSA_WITH_SHA256(),
    nameOf(issuer),
    seq(utcTime(fromMs), utcTime(expiresMs)),
    nameOf(wanted.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [tlv(0xa3, seq(...extensions))]),
  )
  return seq(body, ECDSA_WITH_SHA256(), tlv(0x03, [0, ...sign('sha256', body, signedBy)]))
}

const nameOf = (text: string): Buffer => seq(tlv(0x31, seq(tlv(0x06, [0x55, 0x04, 0x03]), tlv(0x0c, Buffer.from(text)))))
const extension = (oid: string, value: Buffer): Buffer => seq(tlv(0x06, Buffer.from(oid, 'hex')), tlv(0x04, value))
/** `YYMMDDhhmmssZ`, to 2049. */
const utcTime = (atMs: number): Buffer => tlv(0x17, Buffer.from(`${new Date(atMs).toISOString().replaceAll(/[-:T]|\..*/g, '').slice(2)}Z`))
const seq = (...parts: readonly Buffer[]): Buffer => tlv(0x30, Buffer.concat(parts))

function tlv(tag: number, value: Uint8Array | readonly number[]): Buffer {
  const { length } = value
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.from([tag, ...size, ...value])
}

const pem = (der: Buffer): string => `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
const keyText = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string
