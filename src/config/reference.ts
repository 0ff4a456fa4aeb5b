import { describe, settingsOf, variableName, type Schema, type Setting } from './schema.ts'

/** The tables of docs/reference/configuration.md, from the schema: one section for each top-level key. Markdown. */
export function configReference(schema: Schema, prefix: string): string {
  const settings = settingsOf(schema)
  return Object.keys(schema.properties ?? {})
    .map((key) => section(key, rowsOf(settings.filter((setting) => setting.path[0] === key), prefix)))
    .join('\n')
}

const section = (key: string, rows: readonly string[]): string => `## \`${key}\`\n\n| key | value | default | variable |\n|---|---|---|---|\n${rows.join('\n')}\n`

const rowsOf = (settings: readonly Setting[], prefix: string): string[] =>
  settings.flatMap(({ path, schema }) => [row({ name: path.join('.'), schema, variable: `\`${variableName(prefix, path)}\`` }), ...innerRows(path.join('.'), schema)])

/** Keys inside a list or a map with free names; they have no variable of their own. */
function innerRows(name: string, schema: Schema): string[] {
  const inner = schema.items ?? Object.values(schema.patternProperties ?? {})[0]
  const step = schema.items === undefined ? '.<name>' : '[]'
  return Object.entries(inner?.properties ?? {}).flatMap(([key, child]) => {
    const absent = inner?.required?.includes(key) === true ? 'needed' : ''
    return [row({ name: `${name}${step}.${key}`, schema: child, variable: '', absent }), ...keysOf(`${name}${step}.${key}`, child)]
  })
}

/** Keys of a map inside a list. */
const keysOf = (name: string, schema: Schema): string[] =>
  Object.entries(schema.properties ?? {}).map(([key, child]) => row({ name: `${name}.${key}`, schema: child, variable: '', absent: schema.required?.includes(key) === true ? 'needed' : '' }))

function row({ name, schema, variable, absent = '' }: { readonly name: string; readonly schema: Schema; readonly variable: string; readonly absent?: string }): string {
  const preset = schema.default === undefined ? absent : `\`${JSON.stringify(schema.default)}\``
  const about = [capital(describe(schema)), schema.description].filter(Boolean).join('. ')
  return `| \`${name}\` | ${cell(about)} | ${cell(preset)} | ${variable} |`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
