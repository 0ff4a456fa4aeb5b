/** Addresses of the hub's pages; undefined: there are no links. */
export interface WebhookLinks { alert(id: number): string | undefined; alerts(): string | undefined }

export function webhookLinks(publicUrl: string | undefined): WebhookLinks {
  const base = publicUrl?.replace(/\/+$/, '')
  const at = (path: string): string | undefined => (base === undefined ? undefined : `${base}/#/${path}`)
  return { alert: (id) => (id === 0 ? undefined : at(`alert/${id}`)), alerts: () => at('alerts') }
}
