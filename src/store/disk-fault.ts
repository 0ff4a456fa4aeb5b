const DISK_CODES = /^(?:ENOSPC|EDQUOT|EROFS|EIO|EACCES|EPERM|EMFILE|ENFILE|SQLITE_(?:FULL|READONLY|IOERR|CANTOPEN|BUSY|PERM))/

/** The system refused to write, for a reason that may pass: full, read-only, failing, locked. Nothing is wrong with what is stored. */
export function isDiskFault(error: unknown): boolean {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: unknown }
  return typeof code === 'string' && DISK_CODES.test(code)
}
