/** What a forwarder says in the hub's log. */
export type ForwardLog = (level: 'info' | 'warn', text: string, fields?: Readonly<Record<string, unknown>>) => void
