/** The one place where the server writes HTML with values in it. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

/** A small page of facts; the style sheet is the one of the web pages. */
export function htmlPage({ title, facts }: { readonly title: string; readonly facts: readonly (readonly [name: string, value: string])[] }): string {
  const rows = facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · HPS hub</title><link rel="stylesheet" href="/web/app.css"></head>
<body class="plain"><main><h1>${escapeHtml(title)}</h1><dl class="facts">
${rows}
</dl><p><a href="/">HPS hub</a></p></main></body></html>
`
}
