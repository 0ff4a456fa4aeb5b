/** Error codes of a machine without IPv6. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT'])

/**
 * Runs `bind` with the address; where that is `::` and the machine has no IPv6, once more with `0.0.0.0`.
 * `::` takes IPv4 too. Throws what `bind` throws otherwise.
 */
export async function bindWithFallback<T>(address: string, bind: (address: string) => Promise<T>): Promise<T> {
  try {
    return await bind(address)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (address !== '::' || code === undefined || !NO_IPV6.has(code)) throw error
    return bind('0.0.0.0')
  }
}
