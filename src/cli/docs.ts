import type { Argument, Command, Option } from 'commander'
import { HubConfig } from '#app/config.ts'
import { configReference } from '#config/index.ts'
import { SECURE_LISTENERS } from './docs-syslog.ts'

/** docs/reference/configuration.md. */
export const configurationPage = (): string => `# Configuration

Made from the schema by \`./hps docs configuration\`; a test fails when this page differs.

The hub runs without a configuration. A value comes from, the first that has it: a flag (\`--data\`, \`--port\`), an
environment variable, the file, the default. The file is YAML: the one named with \`--config\`, else \`HPS_CONFIG\`, else
\`hps.yaml\` beside the launcher. \`./hps check\` prints every fault of all of them at once, each with its place, and ends with
code 2; \`./hps serve\` does the same and does not start.

- Durations are written \`250ms\`, \`90s\`, \`10m\`, \`1h30m\`, \`30d\`; sizes \`512B\`, \`64KiB\`, \`4MiB\`, \`2GiB\`.
- Variables that give a list or a map hold YAML: \`HPS_SYSLOG_LISTENERS='[{name: udp, transport: udp, port: 514}]'\`. A list
  replaces the one below it as a whole. A variable that is nearly the name of a setting is a fault; others are ignored.
- Secrets stand in files of their own and are named by \`…_file\` keys.
- Without \`data\` the data folder is \`data\` beside the launcher, wherever the command is run; a relative path that
  you give yourself is relative to the working directory.

A small file:

\`\`\`yaml
data: /var/lib/hps
syslog:
  listeners:
    - { name: udp, transport: udp, port: 514 }
    - { name: tcp, transport: tcp, port: 514 }
sources:
  - { address: 10.0.0.1, roles: [dhcp] }
mail:
  host: mail.example.org
  from: HPS hub <hps@example.org>
\`\`\`

${SECURE_LISTENERS}
## Messages without a tag

Some senders name no program. \`hps logs --untagged\` shows them, \`hps sources tag\` tries an entry of \`syslog.tags\` on what is
stored and writes it:

\`\`\`yaml
syslog:
  tags:
    - { from: 10.0.3.0/24, starts: "User ", app: switch } # a constant name
    - { from: 10.0.0.7, contains: link, app_word: 1 } # the first word of the text is the tag
    - { from: 10.0.0.8, host_word: 1, app_word: 2 } # a relay that writes \`HOST TAG text\` without a stamp
\`\`\`

- The list is only asked for messages without an APP-NAME; the first entry that matches decides. There are no regular
  expressions: an entry compares bytes, and looks no further than 1,024 of them, so that no message can make it slow.
- A constant name leaves the message as it is. Words at the beginning of the text that become host and tag are no longer
  text, as in any header. The bytes as received (\`-o raw\`, exports) stay what was sent, and the deviation \`mapped-app\` is noted.
- A mapping gives a message a name to look for, to count and to match rules by, and no power: what names like \`kernel\`,
  \`dnsmasq-dhcp\` or \`hps-session\` make the hub do, they do only where the sender wrote them itself as the tag. The hub's own
  words (\`hps-session\`, \`hps-ack\`, \`hps-trigger\`, \`hps-hub\`, \`hps-boot\`) are refused as \`app\` and passed over as words.
- \`host_word\` is believed as much as a HOSTNAME in a header. Take it from texts that the device writes, not from those that
  its users can fill.
- Stored messages are not rewritten. SIGHUP reads the list anew; a configuration with a fault leaves the one in use.
- \`hps_ingest_faults_total{fault="mapped-app"}\` counts what was given a tag, \`hps_ingest_tags_unfit_total\` what matched and was not.

## One file with everything

A sink is a cursor over the committed stream. One of kind \`file\` writes every message as one line, in the order of the stream, for
\`tail -F\`, \`grep\` and scripts:

\`\`\`yaml
sinks:
  - { kind: file, name: all, path: /var/log/hps.log, rotate: { size: 100MiB, keep: 20, compress: zstd } }
  - { kind: file, name: kernel, path: /var/log/hps-kernel.log, query: app:kernel severity:<=warning }
\`\`\`

    2026-11-22T13:21:39.123Z tch-001 a1b2c3 #12345 kern.info kernel: text        (text)
    #12345 tch-001 a1b2c3 <6>Nov 22 13:21:39 tch-001 kernel: text                (raw)

- The time is that of receipt. \`-\` stands where a message is about no node or names no program, \`#12\` for a session without a hash. In
  \`text\` control characters are made visible (\`\\x1b\`) and structured data is left out; \`raw\` has the bytes as received, with
  \`\\\\\`, \`\\n\` and \`\\0\` for a backslash, a newline and NUL, so that they can be had back. \`raw\` is for programs: its control
  characters move a terminal's cursor.
- Nothing is lost and nothing comes twice: lines are synced before the position (\`data/sinks/<name>.json\`) moves, and after a crash the
  end of the file, whose lines carry their seq, says what was written beyond it; a line that was cut off is written anew.
  Only when the file that was written last is gone as well (removed, compressed by others) may the last second of a crash come again; the hub's log says so.
- Rotated files stand beside it: \`hps.log.20261122T132139Z-12345\`, the time and the last seq in it, with \`.gz\` or \`.zst\` once compressed.
- For logrotate: \`rotate: { size: none, age: none }\`, and SIGHUP in \`postrotate\` (\`systemctl reload hps-hub\`); a file that was renamed
  or removed is noticed within a second without it. \`copytruncate\` can lose lines, as with any program.
- A disk that is full or read-only, or a folder that is missing, stops the sink and nothing else: it says so once, in \`hps sinks\`, in
  \`/readyz\` (a warning) and in \`hps_sink_…\`, tries again, and goes on where it stopped. What retention removed meanwhile is counted as lost, with
  its seqs. A folder is never made: a missing one may be a disk that is not mounted.
- All file sinks share a thread: a file system that hangs (and does not fail) holds up all of them, and nothing else.

${configReference(HubConfig, 'HPS')}`

/** docs/reference/commands.md, from the definitions of the commands. */
export function commandsPage(program: Command): string {
  const parts = leaves(program).map((command) => section(command))
  return `# Commands

Made from the definitions by \`./hps docs commands\`; a test fails when this page differs.

Data goes to standard output, everything that is said about it to standard error: a pipe sees data only. \`-o json\` is one JSON
value a line. Log text is shown with control characters made visible (\`\\x1b\`), except with \`-o raw\`, which gives the bytes as
they were received. Colours come on a terminal only, and not with \`NO_COLOR\`. A pipe that is closed (\`hps logs | head\`) ends the
command quietly.

| exit code | means |
|---|---|
| 0 | done; something was found |
| 1 | it failed, or nothing was found (as with \`journalctl\` and \`grep\`), or a search was stopped before it was complete |
| 2 | the command or the configuration was written wrongly |
| 4 | the hub wants a valid token, or one that may do this |

The hub is found by \`--url\`, else \`HPS_URL\`, else the file \`hub.url\` in the data folder; the token by \`--token-file\`, else
\`HPS_TOKEN\`, else the file \`operator.token\` in the data folder, which only its owner can read. That file's token is only ever sent to
the hub that the same folder names.

\`./hps test\` is a word of the launcher: it installs what the tests need and runs all those that need neither root nor a
Debian package.

Two more variables: \`HPS_DEBUG=1\` shows where an unexpected failure came from, \`HPS_NODE\` names another Node (26 or newer) for the
launcher to run on.

## Options of every command

${optionTable(program.options)}
${parts.join('\n')}`
}

function leaves(command: Command): readonly Command[] {
  const children = command.commands.filter((child) => child.name() !== 'help')
  return children.length === 0 ? [command] : children.flatMap(leaves)
}

function section(command: Command): string {
  const usage = [fullName(command), ...command.registeredArguments.map(argumentText), command.options.length > 0 ? '[options]' : ''].filter(Boolean).join(' ')
  const args = command.registeredArguments.map((argument) => `- \`${argumentText(argument)}\`: ${argument.description}\n`).join('')
  return `## \`${fullName(command)}\`\n\n    ${usage}\n\n${command.description()}\n${args === '' ? '' : `\n${args}`}${command.options.length === 0 ? '' : `\n${optionTable(command.options)}`}`
}

const fullName = (command: Command): string => (command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`)

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

const optionTable = (options: readonly Option[]): string =>
  `| option | means |\n|---|---|\n${options.map((option) => `| \`${option.flags}\` | ${aboutOption(option).replaceAll('|', '\\|')} |\n`).join('')}`

function aboutOption(option: Option): string {
  const choices = option.argChoices === undefined ? '' : `; one of ${option.argChoices.map((choice) => `\`${choice}\``).join(', ')}`
  const preset = option.defaultValue === undefined ? '' : `; default \`${String(option.defaultValue)}\``
  return `${option.description}${choices}${preset}${option.mandatory ? '; needed' : ''}`
}
