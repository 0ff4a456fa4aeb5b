import { Argument, Option } from 'commander'
import type { TokenView } from '#api/index.ts'
import type { AddCommand } from '../context.ts'
import { CliFault, EXIT } from '../exit.ts'
import { duration, listOutputOption, wholeNumber } from '../options.ts'
import { jsonLine, type Column, type Output } from '../output.ts'
import { printList } from '../print-list.ts'

const ROLES = ['operator', 'viewer', 'metrics'] as const

interface CreateOptions {
  readonly role?: string
  readonly label: string
  readonly expires?: string
  readonly output: Output
}

/** `hps token …`: who may ask the hub. */
export const addToken: AddCommand = (program, run) => {
  const token = program.command('token').summary('make, list and revoke tokens').description('Tokens: who may ask the hub. They are stored hashed; the secret is shown once.')

  token
    .command('create')
    .description('Makes a token. The secret alone goes to standard output.')
    .addArgument(new Argument('[role]', 'operator: everything; viewer: reads, the default; metrics: scrapes /metrics only').choices(ROLES))
    .addOption(new Option('--role <role>', 'the same as an option').choices(ROLES))
    .option('--label <text>', 'whose it is, or what for', 'made at the command line')
    .option('--expires <duration>', 'valid for this long, e.g. 12h or 90d; for ever when left out', duration)
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, argument: string | undefined, options: CreateOptions) => {
        if (argument !== undefined && options.role !== undefined && argument !== options.role) throw new CliFault(EXIT.usage, `a token has one role, not ${argument} and ${options.role}`)
        const role = argument ?? options.role ?? 'viewer'
        const client = await hub()
        const body = { role, label: options.label, ...(options.expires === undefined ? {} : { expires: options.expires }) }
        const made = await client.send<{ readonly secret: string; readonly token: TokenView }>('POST', '/tokens', body)
        io.out(options.output === 'json' ? jsonLine(made) : `${made.secret}\n`)
        io.talk(`token ${made.token.id} for ${options.label}, role ${made.token.role}, ${made.token.expires === null ? 'no end' : `until ${made.token.expires}`}; it is not shown again`)
        // for a person: scripts take the secret, and a link in their logs would be one more place that has it
        if (io.isTerminal && role !== 'metrics') io.talk(`as a link for a browser: ${client.url}/#/login=${made.secret}`)
        return EXIT.ok
      }),
    )

  token
    .command('list')
    .description('Lists tokens, never their secrets.')
    .addOption(listOutputOption())
    .action(
      run(async (context, { output }: { readonly output: Output }) => {
        const { tokens: rows } = await (await context.hub()).get<{ readonly tokens: readonly TokenView[] }>('/tokens')
        return printList(context, { rows, what: 'tokens', columns: COLUMNS, output })
      }),
    )

  token
    .command('revoke')
    .description('Ends a token at once.')
    .argument('<id>', 'its number, from hps token list', wholeNumber)
    .option('--why <text>', 'why, for the list')
    .action(
      run(async ({ io, hub }, id: number, { why }: { readonly why?: string }) => {
        await (await hub()).send('DELETE', `/tokens/${id}${why === undefined ? '' : `?why=${encodeURIComponent(why)}`}`)
        io.talk(`token ${id} is revoked`)
        return EXIT.ok
      }),
    )
}

const COLUMNS: readonly Column<TokenView>[] = [
  { title: 'ID', cell: (row) => row.id, align: 'right' },
  { title: 'ROLE', cell: (row) => row.role },
  { title: 'LABEL', cell: (row) => row.label },
  { title: 'CREATED', cell: (row) => row.created },
  { title: 'EXPIRES', cell: (row) => row.expires },
  { title: 'LAST USED', cell: (row) => row.last_used },
  { title: 'REVOKED', cell: (row) => row.revoked_why ?? row.revoked },
]
