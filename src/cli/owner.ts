/** The person at the keyboard: the hub knows only the token, which several share. */
export const ownerOf = (given: string | undefined, env: Readonly<Record<string, string | undefined>>): string | undefined => given ?? [env['SUDO_USER'], env['USER']].find((name) => name !== undefined && name !== '')
