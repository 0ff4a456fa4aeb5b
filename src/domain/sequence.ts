/**
 * Sequences of numbers that senders put on their messages. `label`: `q` of the hub's own label, from 1 in each session. `rfc5424`: `meta sequenceId`
 * (section 7.3.1: from 1 at each start of the sender, at most 2147483647, then from 1 again). `cisco`: the device's. `kernel`: of kmsg and netconsole, from 0 at each boot;
 * netconsole leaves some out on purpose.
 */
export const SEQUENCE_KINDS = ['label', 'rfc5424', 'cisco', 'kernel'] as const
export type SequenceKind = (typeof SEQUENCE_KINDS)[number]
