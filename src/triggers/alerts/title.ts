import { cut, printable } from '#base/text.ts'
import { TemplateFault, type Renderer } from '#render/index.ts'
import type { Finding } from '../finding.ts'
import type { Policy } from '../policy.ts'

/** Names for ids, as people know them; null or undefined: none. */
export interface TitleNames { node(id: number): string | null | undefined; session(id: number): string | null | undefined }

/** Longest title; it becomes the subject of a mail. */
export const MAX_TITLE_CHARACTERS = 200

/** Renders a rule's title for a finding: plain text in one line. `count`: of its alert, where the finding has no number of its own. */
export function createTitles({ renderer, names }: { readonly renderer: Renderer; readonly names: TitleNames }): (policy: Policy, finding: Finding, count: number) => string {
  return (policy, finding, count) => {
    const { fields, nodeId, sessionId, sourceId, host, app, text } = finding
    const view = {
      count: String(count), ...fields, node: names.node(nodeId) ?? fields['node'] ?? (host || `source ${sourceId}`), session: names.session(sessionId) ?? fields['session'] ?? '-',
      host, app, severity: policy.severity, text,
    }
    try {
      return cut(renderer.compile({ source: policy.title, medium: 'mail', name: `title of ${policy.rule}` })(view).replace(/\s+/g, ' ').trim(), MAX_TITLE_CHARACTERS)
    } catch (error) {
      // A named group that took no part in the match: the title is still worth more than none.
      if (!(error instanceof TemplateFault)) throw error
      return cut(`${policy.rule}: ${printable(text)}`, MAX_TITLE_CHARACTERS)
    }
  }
}
