/** The address of `HPS hub <hps@example.org>` or `hps@example.org`. */
export const addressOf = (from: string): string => /<([^<>]*)>\s*$/.exec(from)?.[1]?.trim() ?? from.trim()
