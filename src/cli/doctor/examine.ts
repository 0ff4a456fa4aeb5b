import type { DoctorCheck, DoctorView } from '#api/index.ts'
import { createClient } from '../client.ts'
import { dataFolder, findConnection, isLoopback, type GlobalOptions } from '../connection.ts'
import { CliFault, EXIT } from '../exit.ts'
import type { CliIo } from '../io.ts'
import { programVersion } from '../root.ts'
import type { Machine } from './machine.ts'
import { examineAnswer, isAnswer, unreachable } from './of-hub.ts'
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

/** The doctor's own questions take no time; a hub that takes longer is in trouble. */
const ANSWER_WITHIN_MS = 10_000

/** Asks the hub, and looks at the machine beside it where it is this one. A hub that does not answer is a finding, not a fault. */
export async function examine({ options, io, machine, configFaults }: ExamineOptions): Promise<Examination> {
  const connection = await findConnection(options, io.env)
  const { url } = connection
  const isHere = isLoopback(url)
  const view = await ask(() => createClient(connection, { ...io, timeoutMs: ANSWER_WITHIN_MS }).get<DoctorView>('/doctor'), url)
  const clock = isHere ? await examineClock(machine) : undefined
  const here = [...(isHere ? [examineConfig(await configFaults())] : []), ...(clock === undefined ? [] : [clock])]
  if (view instanceof CliFault) {
    // one that refuses is alive, and its folder no riddle
    const data = isHere && view.exitCode !== EXIT.refused ? examineData(await dataFolder(options, io.env), machine) : []
    return { url, isHere, checks: [unreachable(view.message, view.hint), ...here, ...data] }
  }
  return { url, isHere, checks: [...examineAnswer(view, { url, own: programVersion(), clockMs: io.clock() }), ...here, ...view.checks] }
}

async function ask(question: () => Promise<DoctorView>, url: string): Promise<DoctorView | CliFault> {
  try {
    const answer = await question()
    return isAnswer(answer) ? answer : new CliFault(EXIT.failed, `what answers at ${url} is not a hub of this kind`, { hint: 'another program has its port, or the hub is of another version: hps version; curl -s URL/version' })
  } catch (error) {
    if (error instanceof CliFault) return error
    throw error
  }
}
