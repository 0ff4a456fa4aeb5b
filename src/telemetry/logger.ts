import { pino, type Logger as Pino } from 'pino'

/**
 * The only logger. A message is a short constant sentence; what varies is in the fields. Secrets are never passed in;
 * the redaction list is the second line of defence. The stream gets each line once: stderr for people, and the hub's own log.
 */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
const SECRET_PATHS = ['token', 'password', 'authorization', 'cookie', 'secret', '*.token', '*.password', '*.authorization', '*.cookie', '*.secret']

/** @param write is given one JSON line at a time, newline included */
export function createLogger(level: LogLevel, write: (line: string) => void): Logger & { readonly pino: Pino } {
  const logger = pino({ level, redact: { paths: SECRET_PATHS, censor: '[secret]' }, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, { write })
  return {
    pino: logger,
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
