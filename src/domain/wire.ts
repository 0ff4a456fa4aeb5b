/** The wire contract: the words that nodes and the hub agree on. docs/reference/wire.md explains them. */
export const APP = { session: 'hps-session', ack: 'hps-ack', trigger: 'hps-trigger' } as const
/** Structured data id of a label (RFC 5424 section 7: name@enterprise number). */
export const LABEL_SD_ID = 'hps@32473'
/** Structured data id of what a hub says of a message that it forwards: `[hub@32473 path="0123456789abcdef" node="tch-001" seq="17" stream="89abcdef" count="5"]`. */
export const HUB_SD_ID = 'hub@32473'
/** APP-NAME of everything the hub itself logs. */
export const HUB_APP = 'hps-hub'
/** APP-NAME of what a machine says or asks by HTTP through the boot API. */
export const BOOT_APP = 'hps-boot'
/** A key of `hps-ack`. */
export const ACK_KEY = /^[A-Za-z0-9._-]{8,64}$/
/** A session label or hash as it may be written on the wire. */
export const LABEL = /^[0-9a-f]{6,64}$/
/** Longest host name that becomes a node's name (RFC 1035 section 2.3.4). */
export const MAX_HOST_NAME = 253
/** A label before the text (RFC 3164 senders): the words of the wire contract stand behind it. */
export const LABEL_PREFIX = /^\[(?:s|q|f|l|st)=[^\]]*\] /
