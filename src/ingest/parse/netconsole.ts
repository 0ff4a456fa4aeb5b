import { BYTE, isDigit, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { appendKernel } from './kmsg.ts'

/** kern.notice: the console does not show how serious a line is. */
const CONSOLE_PRI = 5

/** A line as the kernel prints it on its console (basic netconsole): no header at all, at most the printk clock, which stays in the text. */
export function readConsoleLine(cursor: Cursor): void {
  const { batch, row, bytes, at, end } = cursor
  batch.pri[row] = CONSOLE_PRI
  batch.format[row] = FORMAT.netconsole
  cursor.faults |= FAULT.noPriority | FAULT.noHost
  const hasClock = at + 1 < end && bytes[at] === BYTE.open && (bytes[at + 1] === BYTE.space || isDigit(bytes[at + 1]!))
  if (!hasClock) cursor.faults |= FAULT.noTimestamp
  appendKernel(cursor)
}
