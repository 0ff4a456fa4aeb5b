import type { TakeField } from './field.ts'

/** `%FACILITY-SEVERITY-MNEMONIC`, which is the APP-NAME; a facility may have parts (`%LINK-SW1-3-UPDOWN`). */
const MNEMONIC = /^%(\S{1,100})-([0-7])-(\S{1,100})$/

export function takeCisco(app: string, take: TakeField): void {
  const match = MNEMONIC.exec(app)
  if (match === null) return
  const found = [['facility', match[1]!], ['severity', match[2]!], ['mnemonic', match[3]!]] as const
  found.every(([name, value]) => take({ kind: 'cisco', name: `cisco.${name}`, value }))
}
