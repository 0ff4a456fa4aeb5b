/** Hardware ids as firmware reports them. Boards leave the factory with placeholders in them: those identify nothing. */
export interface HardwareIds {
  readonly uuid: string | undefined
  readonly serial: string | undefined
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const PLACEHOLDER_UUIDS: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  'fefefefe-fefe-fefe-fefe-fefefefefefe',
])
const MAX_SERIAL_LENGTH = 64
const PLACEHOLDER_SERIALS: ReadonlySet<string> = new Set([
  'to be filled by o.e.m.', 'default string', 'system serial number', 'chassis serial number', 'serial number', 'none', 'not specified', 'not applicable',
  'n/a', 'na', 'oem', 'o.e.m.', 'empty', 'unknown', 'invalid', 'no asset information', '0123456789', '123456789', '1234567890',
])

/** @returns lower case, or undefined for what is no UUID or a placeholder */
export function parseUuid(text: string | undefined): string | undefined {
  const uuid = text?.trim().toLowerCase() ?? ''
  return UUID.test(uuid) && !isOneCharacter(uuid.replaceAll('-', '')) && !PLACEHOLDER_UUIDS.has(uuid) ? uuid : undefined
}

/** @returns the serial as the firmware says it, or undefined for what is empty, unprintable, too long or a placeholder */
export function parseSerial(text: string | undefined): string | undefined {
  const serial = text?.trim() ?? ''
  const isPlausible = /^[\x20-\x7e]+$/.test(serial) && serial.length <= MAX_SERIAL_LENGTH
  return isPlausible && !isOneCharacter(serial) && !PLACEHOLDER_SERIALS.has(serial.toLowerCase()) ? serial : undefined
}

const isOneCharacter = (text: string): boolean => new Set(text).size === 1
