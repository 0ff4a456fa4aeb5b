/** MAC addresses: any of `52:54:00:…`, `52-54-00-…`, `5254.0012.3456`, `525400123456` in; lower case with colons out. */
export function parseMac(text: string): string | undefined {
  const hex = text.trim().toLowerCase().replace(/[:.-]/g, '')
  if (!/^[0-9a-f]{12}$/.test(hex) || hex === '000000000000' || hex === 'ffffffffffff') return undefined
  return hex.match(/../g)!.join(':')
}
