import type { SessionDetail, SessionView, StageView } from '#api/index.ts'
import { gapSize } from '#domain/completeness.ts'
import type { HubClient } from '../client.ts'
import type { AddCommand } from '../context.ts'
import { CliFault, EXIT } from '../exit.ts'
import { lineCount, listOutputOption, outputOption } from '../options.ts'
import { facts, jsonLine, table, type Output } from '../output.ts'
import { printList } from '../print-list.ts'
import { latestSessions, printMessages, searchPages } from '../search.ts'

/** `hps sessions`: the boots there were, the latest first. */
export const addSessions: AddCommand = (program, run) => {
  const sessions = program.command('sessions').summary('list boot sessions, pin them').description('Boot sessions: which there were, and which are kept beyond retention.')
  sessions
    .command('list', { isDefault: true })
    .description('Lists boot sessions, the latest first; of one node when it is named.')
    .argument('[node]', 'only the sessions of this node')
    .option('-n, --lines <count>', 'how many, or `all`', lineCount, 50)
    .option('--pinned', 'only those whose messages are kept beyond retention')
    .addOption(listOutputOption())
    .action(
      run(async (context, node: string | undefined, { lines, pinned, output }: { readonly lines: number; readonly pinned?: true; readonly output: Output }) => {
        const rows = pinned === true ? await pinnedSessions(await context.hub(), node) : await latestSessions(await context.hub(), { node, limit: lines })
        return printList(context, { rows, what: 'sessions', columns: COLUMNS, output })
      }),
    )

  sessions
    .command('show')
    .description('Shows one boot session and the stages seen in it: when each was first seen, how long after the session began, by what, and in which message.')
    .argument('<hash>', 'a session hash, or `#<id>`')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, hash: string, { output }: { readonly output: Output }) => {
        const session = await detailOf(await hub(), hash)
        if (output === 'json') io.out(jsonLine(session))
        else {
          io.out(`${summary(session)}\n`)
          io.out(session.stages.length === 0 ? 'no stage was seen\n' : table(session.stages, STAGE_COLUMNS, paint))
        }
        return EXIT.ok
      }),
    )

  sessions
    .command('pin')
    .description('Keeps the messages of a session beyond every limit of age and size, until it is unpinned.')
    .argument('<hash>', 'a session hash, or `#<id>`')
    .option('--note <text>', 'why, for the list')
    .action(
      run(async ({ io, hub }, hash: string, { note = '' }: { readonly note?: string }) => {
        await (await hub()).send('POST', `/sessions/${encodeURIComponent(nameOf(hash))}/pin`, { note })
        io.talk(`session ${hash} is pinned`)
        return EXIT.ok
      }),
    )

  sessions
    .command('unpin')
    .description('Lets retention have the messages of a session again.')
    .argument('<hash>', 'a session hash, or `#<id>`')
    .action(
      run(async ({ io, hub }, hash: string) => {
        await (await hub()).send('DELETE', `/sessions/${encodeURIComponent(nameOf(hash))}/pin`)
        io.talk(`session ${hash} is not pinned any more`)
        return EXIT.ok
      }),
    )
}

/** The API gives at most this many at once. */
const MAX_PINNED = 1000

const pinnedSessions = async (hub: HubClient, node: string | undefined): Promise<readonly SessionView[]> =>
  (await hub.get<{ readonly sessions: readonly SessionView[] }>('/sessions', { pinned: 'true', limit: MAX_PINNED, ...(node === undefined ? {} : { node }) })).sessions

function nameOf(hash: string): string {
  if (SESSION_NAME.test(hash)) return hash
  throw new CliFault(EXIT.usage, `${hash} is not a session`, { hint: 'write a hash of hex digits like 9cf627, or #12; hps sessions lists them' })
}

const detailOf = async (hub: HubClient, hash: string): Promise<SessionDetail> => hub.get<SessionDetail>(`/sessions/${encodeURIComponent(nameOf(hash))}`)

const STAGE_COLUMNS = [
  { title: 'STAGE', cell: (row: StageView) => row.stage },
  { title: 'SINCE START', cell: (row: StageView) => `+${(row.since_boot_ms / 1000).toFixed(3)} s`, align: 'right' as const },
  { title: 'AT', cell: (row: StageView) => row.at },
  { title: 'BY', cell: (row: StageView) => row.by },
  { title: 'MESSAGE', cell: (row: StageView) => row.seq, align: 'right' as const },
]

const COLUMNS = [
  { title: 'SESSION', cell: (row: SessionView) => row.hash },
  { title: 'NODE', cell: (row: SessionView) => row.node },
  { title: 'KIND', cell: (row: SessionView) => row.kind },
  { title: 'STATE', cell: (row: SessionView) => row.end ?? row.state },
  { title: 'STAGE', cell: (row: SessionView) => row.stage },
  { title: 'OPENED', cell: (row: SessionView) => row.opened },
  { title: 'LAST MESSAGE', cell: (row: SessionView) => row.last_message },
  { title: 'MESSAGES', cell: (row: SessionView) => row.messages, align: 'right' as const },
  { title: 'COMPLETE', cell: (row: SessionView) => markOf(row) },
]

const MARKS = { complete: 'yes', gaps: 'NO', unknown: '?' } as const

/** `yes`, `NO 12` (as many are missing or cut), or `?`: that cannot be told. */
const markOf = ({ completeness }: SessionView): string => (completeness.verdict === 'gaps' ? `${MARKS.gaps} ${gapSize(completeness)}` : MARKS[completeness.verdict])

/** `hps session HASH`: what is known of one boot, on standard error, and its messages, on standard output. */
export const addSession: AddCommand = (program, run) => {
  program
    .command('session')
    .summary('show one boot session and its messages')
    .description('Shows one boot session and its messages, the oldest first. With -o json the session is the first line.')
    .argument('<hash>', 'a session hash, or `#<id>`')
    .option('-n, --lines <count>', 'how many messages, or `all`', lineCount, 1000)
    .addOption(outputOption())
    .action(
      run(async (context, hash: string, { lines, output }: { readonly lines: number; readonly output: Output }) => {
        const { io, hub } = context
        const session = await detailOf(await hub(), hash)
        if (output === 'json') io.out(jsonLine(session))
        else if (output === 'text') io.out(`${summary(session)}\n`)
        const pages = searchPages(await hub(), { query: `session:${session.hash.startsWith('#') ? `"${session.hash}"` : session.hash}`, order: 'oldest', limit: lines })
        let shown = 0
        for await (const page of pages) {
          shown += page.length
          await printMessages(context, page, output)
        }
        if (shown < session.messages) io.talk(`-- ${shown} of ${session.messages} messages; all with -n all --`)
        return EXIT.ok
      }),
    )
}

/** As the API takes it. */
const SESSION_NAME = /^(?:[0-9a-f]{1,64}|#\d{1,16})$/

const VERDICTS = { complete: 'yes, nothing was lost', gaps: 'no', unknown: 'not known' } as const

const summary = (session: SessionView): string =>
  facts([
    ['session', session.hashes.length > 1 ? `${session.hash} (also ${session.hashes.filter((hash) => hash !== session.hash).join(', ')})` : session.hash],
    ['node', session.node],
    ['kind', session.kind],
    ['opened', `${session.opened} by ${session.origin}`],
    ['boot time', session.boot_time],
    ['state', session.end === null ? session.state : `${session.state} (${session.end}) ${session.ended ?? ''}`.trim()],
    ['stage', session.stage],
    ['messages', `${session.messages}${session.replayed > 0 ? `, and ${session.replayed} said before` : ''}`],
    ['last message', session.last_message],
    ['complete', `${VERDICTS[session.completeness.verdict]}${session.completeness.reasons.length === 0 ? '' : `: ${session.completeness.reasons.map(({ text }) => text).join(' ')}`}`],
    ['pinned', session.pinned === null ? null : `${session.pinned.at} by ${session.pinned.by}${session.pinned.note === '' ? '' : `: ${session.pinned.note}`}`],
    ['joined', session.joined.map((id) => `#${id}`).join(', ')],
  ])
