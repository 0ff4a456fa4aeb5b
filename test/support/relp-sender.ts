import { startRsyslogWith, type Rsyslog } from './senders.ts'

/** Its queue goes to its disk while the hub is away. */
const QUEUE = 'queue.type="LinkedList" queue.filename="hub" queue.size="20000" queue.highwatermark="2000" queue.lowwatermark="200" queue.saveonshutdown="on" action.resumeRetryCount="-1" action.resumeInterval="1"'

/** A real rsyslogd that sends over RELP. `options` belong to its omrelp action. */
export const startRelpSender = ({ port, options = '' }: { readonly port: number; readonly options?: string }): Promise<Rsyslog> =>
  startRsyslogWith({ host: 'tch-relp', modules: ['omrelp'], action: `type="omrelp" target="127.0.0.1" port="${port}" template="RSYSLOG_SyslogProtocol23Format" ${QUEUE} ${options}` })
