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
- All sinks share a thread: a file system that hangs (and does not fail) holds up all of them, and nothing else.

## Forwarding to another server

A sink of kind \`forward\` sends messages as RFC 5424 to another syslog server, which may be a hub as well:

\`\`\`yaml
sinks:
  - { kind: forward, name: central, transport: relp, host: logs.example.org, port: 2514, tls: { ca_file: /etc/hps/ca.pem } }
  - { kind: forward, name: security, transport: tcp, host: siem.example.org, port: 6514, tls: {}, query: severity:<=warning }
\`\`\`

    <13>1 2026-11-22T13:21:39.000Z tch-001 app 7 - [hps@32473 session="a1b2c3"][hub@32473 path="0123456789abcdef" node="tch-001" seq="12345" stream="89abcdef" count="678"] text

- What was received as RFC 5424 keeps its header, stamp and structured data. Everything else is made from what the hub read: priority, the time of the sender (else of receipt), host (else node, else the
  address of the sender), program, process and message id. Fields are made printable and cut to what RFC 5424 allows; the text is sent as it is and whole, up to 64 KiB. Structured data that cannot be read
  becomes the value \`structured_data\`, a kernel's \`KEY=value\` lines the element \`kernel@32473\`.
- The label (\`hps@32473\`) says the session; one that the message has is kept, and completed where it lacks the session. The element \`hub@32473\` says which hubs it came through (\`path\`), the node, the number it has in the last of
  them (\`seq\`), and its place in what this sink sends (\`stream\`, \`count\`): a message that is sent again has the same.
- *RELP* loses nothing: the position (\`data/sinks/<name>.json\`, and \`.json.last\` for a kill) is what was acknowledged, and a hub acknowledges what is on disk. After a broken connection or a kill of either side
  up to \`window\` messages and 128 more come again; a hub marks them \`doubled\`. After a power cut of this side it is what was sent in the last second.
- *TCP* has no acknowledgement. After a broken connection or a kill at least the last ten seconds *and* the last 1 MiB are sent again, so that much comes twice (over TCP a hub does not mark it, \`stream\` and \`count\` tell it); what is lost
  is what lay longer, and under more than that, in the buffers of a server that ended without reading it. A connection that both ended in order is taken to have delivered everything. Use RELP where that is too much.
- The name of the server is looked up for each connection, its certificate is verified by authority and name, and the files of \`tls\` are read for each connection; SIGHUP makes a new connection when they changed. A server that
  acknowledges or takes nothing for 30 seconds is left. Attempts are half a second to half a minute apart.
- While the server is away the store keeps what waits: \`hps sinks\` shows how much and since when; \`/readyz\` warns while there is no connection, and when the oldest message that waits is 15 minutes old. What retention removes first is counted
  as lost, with its seqs. A position that cannot be saved (full disk) is told and stops nothing: at worst messages come again.
- Hubs that forward to each other: what carries a hub's own id (\`data/sinks/hub-id\`, made by chance) in its \`path\`, or came through eight, it does not forward; \`hps_sink_looped_messages_total\` counts it. A copy of the data folder
  that runs as a second hub needs an id of its own: remove the file.
- The server sees the hub as the sender. Name the hub's address in its \`sources\` with the role \`relay\`, so that the host name says which node a message is about.

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
