import type { Rule } from '#triggers/rules/rule.ts'

const PACKS: Readonly<Record<string, string>> = {
  boot: 'Machines that do not boot: PXE, TFTP, iPXE, kernel, initial RAM disk, loops, boots that end in the dark.',
  fleet: 'Many nodes at once.',
  hardware: 'Memory, processors, heat, power, PCIe, USB.',
  hub: 'The hub itself.',
  installers: 'Installations that do not get on.',
  kernel: 'What the kernel says when a machine is in trouble.',
  network: 'Links, bonds, addresses, DHCP, time.',
  provision: 'What installers and boots say, as stages and lifecycle events.',
  security: 'Who tries to get in, and who gets in.',
  services: 'Services of the operating system.',
  storage: 'Disks, arrays, pools, file systems, storage networks.',
}

const HEAD = `# The rule library

Rules that come with the hub, in \`rules/\`. Each has tests with lines of real programs, a near miss, a [runbook](../runbooks/README.md) and
its known false alarms; together they are tried on recorded boots. What severities mean, and how a rule is switched off or given another
threshold, says \`rules/README.md\`; the format is on [rules](rules.md).

*Kind*: \`match\` one message; \`count\` so many within a time; \`absent\` something did not come in time; \`sequence\` one after the other;
\`change\` another value than before; \`rate\` many more than usual; \`alerts\` alerts of other rules. *Needs*: what has to be there for the rule
to make sense. Words in *italics* stand for what the message says.

<!-- written from rules/*.yaml by test/unit/triggers/rules-library.test.ts -->
`

/** \`docs/reference/rule-library.md\`: a table for each pack. */
export function libraryPage(rules: readonly Rule[]): string {
  const tables = Object.keys(PACKS).map((pack) => {
    const rows = rules.filter((rule) => rule.pack === pack).map((rule) => `| \`${rule.id}\` | ${severityOf(rule)} | ${rule.when.kind} | ${cell(rule.policy.title)} | ${rule.requires.map((name) => `\`${name}\``).join(' ')} |`)
    return `\n## ${pack}\n\n${PACKS[pack]}\n\n| rule | severity | kind | what it finds | needs |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`
  })
  return HEAD + tables.join('')
}

const severityOf = ({ policy }: Rule): string => (policy.status === 'live' ? policy.severity : `${policy.severity} (${policy.status})`)
const cell = (title: string): string => title.replaceAll(/\{\{(\w+)\}\}/g, '*$1*').replaceAll('|', '\\|')
