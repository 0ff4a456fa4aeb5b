import type { Alert } from '#domain/alert.ts'
import type { TitleNames } from './title.ts'

/** Names of nodes and sessions, and the labels of nodes: what silences, inhibition and routes may ask for beside what the alert has. */
export interface AlertNames extends TitleNames {
  /** Of a node, e.g. `rack`; of a node that is not registered, none. */
  labels(nodeId: number): Readonly<Record<string, string>>
}

/** What an alert says for a field: `rule`, `severity`, `node`, `session`, `host`, `app`, the fields of its finding, the labels of its node; undefined or '': nothing. */
export function alertField(alert: Alert, field: string, names: AlertNames): string | undefined {
  if (field === 'rule' || field === 'severity') return alert[field]
  // by the name that it has now, which people know
  if (field === 'node') return names.node(alert.nodeId) ?? alert.fields['node'] ?? some(alert.host)
  if (field === 'session') return names.session(alert.sessionId) ?? alert.fields['session']
  if (field === 'host' || field === 'app') return some(alert[field])
  return alert.fields[field] ?? (alert.nodeId === 0 ? undefined : names.labels(alert.nodeId)[field])
}

const some = (text: string): string | undefined => (text === '' ? undefined : text)
