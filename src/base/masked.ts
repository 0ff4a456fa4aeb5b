const ADDRESS = /([^\s<>@"',;:()[\]]{1,64})@([^\s<>@"',;:()[\]]{1,255})/g
const SECRETS_OF_URL = /(\bhttps?:\/\/[^\s/?#]+)[/?#]\S+/g

/** Mail addresses and the paths of web addresses (which may hold a secret), made unusable: `a…@example.org`, `https://hooks.example.org/…`. For answers of servers, which name whom they were asked about. */
export const masked = (text: string): string => text.replace(ADDRESS, (_, local: string, domain: string) => `${local.slice(0, 1)}\u2026@${domain}`).replace(SECRETS_OF_URL, '$1/\u2026')
