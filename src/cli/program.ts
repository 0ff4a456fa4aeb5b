import { Command, Option } from 'commander'
import { addAck } from './commands/ack.ts'
import { addAlerts } from './commands/alerts.ts'
import { addBundle } from './commands/bundle.ts'
import { addDocs } from './commands/docs.ts'
import { addDoctor } from './commands/doctor.ts'
import { addLoss } from './commands/loss.ts'
import { addLogs } from './commands/logs.ts'
import { addNodes } from './commands/nodes.ts'
import { addCount, addTop } from './commands/count.ts'
import { addExport } from './commands/export.ts'
import { addNotify } from './commands/notify.ts'
import { addOutbox } from './commands/outbox.ts'
import { addParse } from './commands/parse.ts'
import { addRules } from './commands/rules.ts'
import { addCheck, addServe } from './commands/serve.ts'
import { addSession, addSessions } from './commands/sessions.ts'
import { addPlanned } from './commands/planned.ts'
import { addSilence } from './commands/silence.ts'
import { addSinks } from './commands/sinks.ts'
import { addSources } from './commands/sources.ts'
import { addStore } from './commands/store.ts'
import { addTail } from './commands/tail.ts'
import { addToken } from './commands/token.ts'
import { addVersion } from './commands/version.ts'
import type { AddCommand, RunAction } from './context.ts'
import { programVersion } from './root.ts'

/** All commands, in the order of the help. To add one: a file in commands/, a line here, `hps docs commands`. */
const COMMANDS: readonly AddCommand[] = [addServe, addCheck, addDoctor, addLogs, addTail, addCount, addTop, addExport, addAck, addSessions, addSession, addNodes, addSources, addLoss, addSilence, addPlanned, addSinks, addAlerts, addRules, addOutbox, addNotify, addParse, addStore, addToken, addBundle, addDocs, addVersion]

/** The command line as commander knows it; `run` says what happens with an action and its exit code. */
export function createProgram(run: RunAction): Command {
  const program = new Command('hps')
    .description('The log, trigger and boot hub of a fleet of machines.')
    .version(programVersion(), '--version', 'print the version alone')
    .addOption(new Option('--url <url>', 'the hub to ask; default: HPS_URL, then `hub.url` in the data folder'))
    .addOption(new Option('--token-file <file>', 'file that holds the token; default: HPS_TOKEN, then `operator.token` in the data folder'))
    .addOption(new Option('--data <folder>', 'the data folder; default: HPS_DATA, then the configuration, then `data` beside the launcher'))
    .addOption(new Option('--config <file>', 'the configuration; default: HPS_CONFIG, then `hps.yaml` beside the launcher'))
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nThe first steps are in README.md, all commands and exit codes in docs/reference/commands.md.')
  for (const add of COMMANDS) add(program, run)
  return program
}
