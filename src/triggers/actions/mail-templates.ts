/** One view, two forms. Every value is escaped by the renderer for its medium; nothing here may be built by joining strings. */
export const MAIL_TEXT = `{{title}}

Severity: {{severity}}
Node:     {{node}}
{{#if session}}Session:  {{session}}
{{/if}}Time:     {{received}}
Rule:     {{rule}}
{{#if isRepeat}}Matches:  {{count}} since {{first}}
{{/if}}{{#each fields}}{{this.name}}: {{this.value}}
{{/each}}{{#if owner}}Owner:    {{owner}}
{{/if}}
{{#each body}}{{this}}
{{/each}}{{#if lines}}
{{linesTitle}}

{{#each lines}}{{this.mark}} {{this.time}} {{this.app}} {{this.severity}}: {{this.text}}
{{/each}}{{/if}}{{#if contextNote}}
({{contextNote}})
{{/if}}
{{#if link}}

Look at it:  {{link}}
{{/if}}{{#if runbook}}What to do:  {{runbook}}
{{/if}}

-- 
Sent by the HPS hub, rule {{rule}} version {{version}}.
`

/** Tables and inline styles only: what every mail client, and a printer, can show. */
export const MAIL_HTML = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{title}}</title></head>
<body style="margin:0;padding:16px;background:#f3f4f6;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.45;color:#1f2937">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:680px;margin:0 auto;background:#ffffff;border:1px solid #e5e7eb;border-collapse:collapse">
<tr><td style="background:{{colour}};padding:6px 20px;color:#ffffff;font-size:13px;font-weight:bold;letter-spacing:0.04em">{{upper severity}}</td></tr>
<tr><td style="padding:16px 20px 4px 20px;font-size:19px;font-weight:bold">{{title}}</td></tr>
<tr><td style="padding:8px 20px 12px 20px">
<table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:collapse;font-size:14px">
<tr><td style="padding:2px 16px 2px 0;color:#6b7280">Node</td><td style="padding:2px 0">{{node}}</td></tr>
{{#if session}}<tr><td style="padding:2px 16px 2px 0;color:#6b7280">Session</td><td style="padding:2px 0">{{session}}</td></tr>
{{/if}}<tr><td style="padding:2px 16px 2px 0;color:#6b7280">Time</td><td style="padding:2px 0">{{received}}</td></tr>
<tr><td style="padding:2px 16px 2px 0;color:#6b7280">Rule</td><td style="padding:2px 0">{{rule}}</td></tr>
{{#if isRepeat}}<tr><td style="padding:2px 16px 2px 0;color:#6b7280">Matches</td><td style="padding:2px 0">{{count}} since {{first}}</td></tr>
{{/if}}{{#each fields}}<tr><td style="padding:2px 16px 2px 0;color:#6b7280">{{this.name}}</td><td style="padding:2px 0">{{this.value}}</td></tr>
{{/each}}{{#if owner}}<tr><td style="padding:2px 16px 2px 0;color:#6b7280">Owner</td><td style="padding:2px 0">{{owner}}</td></tr>
{{/if}}</table></td></tr>
{{#if body}}<tr><td style="padding:0 20px 12px 20px">{{#each body}}{{this}}<br>
{{/each}}</td></tr>
{{/if}}{{#if lines}}<tr><td style="padding:0 20px 4px 20px;color:#6b7280;font-size:13px">{{linesTitle}}</td></tr>
<tr><td style="padding:0 20px 14px 20px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;background:#f9fafb;border:1px solid #e5e7eb;font-family:ui-monospace,Menlo,Consolas,'Liberation Mono',monospace;font-size:12px;line-height:1.5">
{{#each lines}}<tr><td style="padding:2px 8px;border-left:4px solid {{this.bar}};word-break:break-word;white-space:pre-wrap">{{#if this.isHit}}<b>{{/if}}{{this.time}} {{this.app}} {{this.severity}}: {{this.text}}{{#if this.isHit}}</b>{{/if}}</td></tr>
{{/each}}</table></td></tr>
{{/if}}{{#if contextNote}}<tr><td style="padding:0 20px 12px 20px;color:#6b7280;font-size:13px">({{contextNote}})</td></tr>
{{/if}}{{#if hasLinks}}<tr><td style="padding:0 20px 16px 20px">{{#if link}}<a href="{{link}}" style="color:#1d4ed8">Look at it in the hub</a>{{/if}}{{#if runbook}} &nbsp; <a href="{{runbook}}" style="color:#1d4ed8">What to do</a>{{/if}}</td></tr>
{{/if}}<tr><td style="padding:10px 20px;border-top:1px solid #e5e7eb;color:#9ca3af;font-size:12px">Sent by the HPS hub, rule {{rule}} version {{version}}.</td></tr>
</table></body></html>
`
