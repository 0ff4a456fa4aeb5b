import Handlebars from 'handlebars'
import { checkTemplate, outerNames, wrapValues } from './check.ts'
import { ESCAPES, MEDIA, type Medium } from './media.ts'
import { asTemplateFault, TemplateFault } from './template-fault.ts'

interface CompileRequest {
  readonly source: string
  readonly medium: Medium
  /** Names the template in faults: a file, or `rule storage.raid title`. */
  readonly name: string
}
/** @throws TemplateFault when the view lacks a name that the template asks for */
type Template = (view: Readonly<Record<string, unknown>>) => string

export interface Renderer {
  /** The compiled template, remembered. @throws TemplateFault with the place in the source */
  compile(request: CompileRequest): Template
  /** Names that the template reads from the outermost view, e.g. to check them before there is one. */
  names(request: CompileRequest): readonly { readonly name: string; readonly line: number; readonly column: number }[]
}

/** Handlebars puts the view into its messages. */
const NAMED = { [Symbol.toPrimitive]: { value: () => 'the view' } }
/** Compiled templates that are remembered; the oldest goes first. */
const MAX_TEMPLATES = 2000
/** One operator-written template; longer ones are refused. */
const MAX_SOURCE_CHARACTERS = 1024 * 1024

/**
 * Handlebars with `noEscape` and `strict`, every value escaped for the medium by the renderer itself. There are `if`,
 * `unless`, `each`, `with`, `default`, `join`, `upper`, `lower` and `eq`; no partials, no decorators, no raw `{{{x}}}`.
 */
export function createRenderer(): Renderer {
  const engine = Handlebars.create()
  for (const medium of MEDIA) engine.registerHelper(`escape:${medium}`, (value: unknown) => ESCAPES[medium](value))
  engine.registerHelper('default', (value: unknown, otherwise: unknown) => (value === undefined || value === null || value === '' ? otherwise : value))
  engine.registerHelper('join', (list: unknown, by: unknown) => (Array.isArray(list) ? list.join(typeof by === 'string' ? by : ' ') : list))
  engine.registerHelper('upper', (value: unknown) => String(value).toUpperCase())
  engine.registerHelper('lower', (value: unknown) => String(value).toLowerCase())
  engine.registerHelper('eq', (a: unknown, b: unknown) => a === b)
  for (const name of ['log', 'lookup', 'helperMissing', 'blockHelperMissing']) engine.unregisterHelper(name)
  const known = new Map<string, Template>()

  function parse({ source, medium, name }: CompileRequest): hbs.AST.Program {
    if (source.length > MAX_SOURCE_CHARACTERS) throw new TemplateFault({ file: name, line: 1, column: 1, message: `longer than ${MAX_SOURCE_CHARACTERS} characters` })
    try {
      const program = engine.parse(source)
      const fault = checkTemplate(program, medium)
      if (fault !== undefined) throw new TemplateFault({ file: name, ...fault })
      return program
    } catch (error) {
      throw asTemplateFault(error, name)
    }
  }

  function compile(request: CompileRequest): Template {
    const key = `${request.medium}\0${request.name}\0${request.source}`
    const remembered = known.get(key)
    if (remembered !== undefined) return remembered
    const program = wrapValues(parse(request), request.medium)
    const run = engine.compile(program, { noEscape: true, strict: true, preventIndent: true })
    const template: Template = (view) => {
      try {
        // No prototype: `{{constructor}}` is a name like any other, and not there.
        return run(Object.assign(Object.create(null, NAMED), view), { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false })
      } catch (error) {
        throw asTemplateFault(error, request.name)
      }
    }
    if (known.size >= MAX_TEMPLATES) known.delete(known.keys().next().value!)
    known.set(key, template)
    return template
  }

  return { compile, names: (request) => outerNames(parse(request)) }
}
