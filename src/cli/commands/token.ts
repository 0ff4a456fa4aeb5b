import { Option } from 'commander'
import type { TokenView } from '#api/index.ts'
import { nothingFound, type AddCommand } from '../context.ts'
import { EXIT } from '../exit.ts'
import { duration, listOutputOption, wholeNumber } from '../options.ts'
import { jsonLine, table, type Column, type Output } from '../output.ts'

const ROLES = ['operator', 'viewer', 'metrics'] as const

/** `hps token …`: who may ask the hub. */
export const addToken: AddCommand = (program, run) => {
  const token = program.command('token').summary('make, list and revoke tokens').description('Tokens: who may ask the hub. They are stored hashed; the secret is shown once.')

  token
    .command('create')
    .description('Makes a token. The secret alone goes to standard output.')
    .requiredOption('--label <text>', 'whose it is, or what for')
    .addOption(new Option('--role <role>', 'operator: everything; viewer: reads; metrics: scrapes /metrics only').choices(ROLES).default('viewer'))
    .option('--expires <duration>', 'valid for this long, e.g. 12h or 90d; for ever when left out', duration)
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub }, options: { readonly label: string; readonly role: string; readonly expires?: string; readonly output: Output }) => {
        const body = { role: options.role, label: options.label, ...(options.expires === undefined ? {} : { expires: options.expires }) }
        const made = await (await hub()).send<{ readonly secret: string; readonly token: TokenView }>('POST', '/tokens', body)
        io.out(options.output === 'json' ? jsonLine(made) : `${made.secret}\n`)
        io.talk(`token ${made.token.id} for ${options.label}, role ${made.token.role}, ${made.token.expires === null ? 'no end' : `until ${made.token.expires}`}; it is not shown again`)
        return EXIT.ok
      }),
    )

  token
    .command('list')
    .description('Lists tokens, never their secrets.')
    .addOption(listOutputOption())
    .action(
      run(async ({ io, hub, paint }, { output }: { readonly output: Output }) => {
        const { tokens } = await (await hub()).get<{ readonly tokens: readonly TokenView[] }>('/tokens')
        if (tokens.length === 0) return nothingFound(io, 'tokens')
        if (output === 'json') for (const row of tokens) io.out(jsonLine(row))
        else io.out(table(tokens, COLUMNS, paint))
        return EXIT.ok
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
