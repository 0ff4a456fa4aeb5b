import type { DoctorCheck, DoctorView } from '#api/index.ts'
import { createClient } from '../client.ts'
import { dataFolder, findConnection, type GlobalOptions } from '../connection.ts'
import { CliFault } from '../exit.ts'
import type { CliIo } from '../io.ts'
import { programVersion } from '../root.ts'
import type { Machine } from './machine.ts'
import { examineAnswer, unreachable } from './of-hub.ts'
import { examineClock, examineConfig, examineData } from './of-machine.ts'

export interface Examination {
  readonly url: string
  /** The hub is on this machine, which was looked at too. */
  readonly isHere: boolean
  readonly checks: readonly DoctorCheck[]
}

export interface ExamineOptions {
  readonly options: GlobalOptions
  readonly io: Pick<CliIo, 'env' | 'fetch' | 'signal' | 'clock'>
  readonly machine: Machine
  /** Faults of the configuration, as `hps check` prints them. */
  configFaults(): Promise<readonly string[]>
}

/** Asks the hub, and looks at the machine beside it where it is this one. A hub that does not answer is a finding, not a fault. */
export async function examine({ options, io, machine, configFaults }: ExamineOptions): Promise<Examination> {
  const connection = await findConnection(options, io.env)
  const { url } = connection
  const isHere = isLoopback(url)
  const view = await ask(() => createClient(connection, io).get<DoctorView>('/doctor'))
  const clock = isHere ? await examineClock(machine) : undefined
  const here = [...(isHere ? [examineConfig(await configFaults())] : []), ...(clock === undefined ? [] : [clock])]
  if (view instanceof CliFault) {
    const data = isHere ? examineData(await dataFolder(options, io.env), machine) : []
    return { url, isHere, checks: [unreachable(view.message, view.hint), ...here, ...data] }
  }
  return { url, isHere, checks: [...examineAnswer(view, { url, own: programVersion(), clockMs: io.clock() }), ...here, ...view.checks] }
}

async function ask<T>(question: () => Promise<T>): Promise<T | CliFault> {
  try {
    return await question()
  } catch (error) {
    if (error instanceof CliFault) return error
    throw error
  }
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
const isLoopback = (url: string): boolean => LOOPBACK.includes(new URL(url).hostname)
