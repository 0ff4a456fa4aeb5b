import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../../../src/cli/program.ts'
import { PROGRAM_ROOT } from '../../../src/cli/root.ts'

/** What pages show as a command, `hps … ` at the start of a line, of a code span or after `$ `, is one: with its subcommands and options. */
interface Shown {
  readonly page: string
  readonly line: string
}

const program = createProgram(() => async () => {})
/** Words that stand for a row of commands: `hps alerts|ack`, `hps rules …`. */
const IS_SHORTHAND = /[|…]/u
/** Commands of the launcher itself. */
const OF_THE_LAUNCHER = new Set(['test'])

function shownOn(page: string): readonly Shown[] {
  const text = readFileSync(join(PROGRAM_ROOT, page), 'utf8')
  const spans = [...text.matchAll(/(?:^(?:\$ )?\.\/hps|`(?:\.\/)?hps) (?<words>[^`\n#|<>]*)/gmu)]
  return spans.map((found) => ({ page, line: found.groups!['words']!.trim() }))
}

/** Whether `of` without a subcommand is `one`; commander says it nowhere else. */
const isDefault = (of: Command, one: Command): boolean => (of as unknown as { readonly _defaultCommandName: string | null })._defaultCommandName === one.name()

/** The fault of a shown line; undefined where it is a command. */
function faultOf(line: string): string | undefined {
  let command: Command = program
  for (const word of line.replaceAll(/'[^']*'|"[^"]*"/gu, 'QUOTED').split(/\s+/u)) {
    if (IS_SHORTHAND.test(word)) return undefined
    if (/^--?[a-z]/u.test(word)) {
      const option = word.split('=')[0]!
      const isKnown = [program, command, ...command.commands.filter((one) => isDefault(command, one))].some((of) => of.options.some((known) => known.long === option || known.short === option)) || option === '--help'
      if (!isKnown) return `${command.name()} has no ${option}`
    } else if (command.commands.length > 0) {
      const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word))
      if (next !== undefined) command = next
      else if (/^[a-z-]+$/u.test(word) && command.registeredArguments.length === 0) return `${command.name()} has no ${word}`
    }
  }
  return undefined
}

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('{docs/reference,docs/runbooks,deploy,rules}/**/*.md', { cwd: PROGRAM_ROOT }), 'docs/architecture.md', 'docs/backup.md']
const shown = pages.flatMap((page) => shownOn(page)).filter(({ line }) => !OF_THE_LAUNCHER.has(line.split(' ')[0]!))

test('pages show commands', () => {
  expect(shown.length).toBeGreaterThan(50)
})

test.each([
  ["alerts silence add 'node~tch-*' --for 2h --reason 'rack 3'", undefined],
  ['alerts ack 12 --why "x"', 'ack has no --why'],
  ['rules tset', 'rules has no tset'],
  ['nosuch', 'hps has no nosuch'],
])('%s: %s', (line, fault) => {
  expect(faultOf(line)).toBe(fault)
})

test('each of them is one, with its options', () => {
  expect(shown.map((one) => ({ ...one, fault: faultOf(one.line) })).filter((one) => one.fault !== undefined)).toEqual([])
})
