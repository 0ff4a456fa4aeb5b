import { parseDurationMs } from '#base/duration.ts'
import type { SilenceConfig } from '../config.ts'

/** `sessions.silence`, read. */
export interface SilenceSettings {
  readonly isEnabled: boolean
  readonly minMs: number
  readonly learnMs: number
  readonly bootMs: number
}

/** The durations were checked when the configuration was. */
export const silenceSettings = ({ enabled, min, learn, boot }: SilenceConfig): SilenceSettings =>
  ({ isEnabled: enabled, minMs: parseDurationMs(min)!, learnMs: parseDurationMs(learn)!, bootMs: parseDurationMs(boot)! })
