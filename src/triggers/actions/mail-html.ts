/**
 * The HTML part: tables and inline styles, no image, no script, nothing from elsewhere, so that plain clients and printers show it too. The one style
 * sheet turns it dark where the reader asks for that; clients that leave it out show it light. The renderer escapes every value.
 */
export const MAIL_HTML = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>{{heading}}</title>
<style>
@media (prefers-color-scheme: dark) {
  .page { background: #0f172a !important }
  .card { background: #1e293b !important; border-color: #334155 !important; color: #e2e8f0 !important }
  .dim { color: #a3b1c6 !important }
  .log, .todo { background: #0f172a !important; border-color: #334155 !important; color: #e2e8f0 !important }
  .hit { background: #45191c !important }
  .rule { border-color: #334155 !important }
  .link { color: #93c5fd !important }
}
</style></head>
<body class="page" style="margin:0;padding:0;background:#f1f5f9;-webkit-text-size-adjust:100%">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f1f5f9;border-collapse:collapse"><tr><td align="center" style="padding:8px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:720px;background:#ffffff;border:1px solid #e2e8f0;border-collapse:collapse;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.45;color:#0f172a;text-align:left">
<tr><td style="background:{{colour}};padding:8px 16px;color:#ffffff;font-size:14px;font-weight:bold;letter-spacing:0.03em">{{banner}}</td></tr>
<tr><td style="padding:14px 16px 2px 16px;font-size:19px;line-height:1.3;font-weight:bold;word-break:break-word;overflow-wrap:anywhere">{{heading}}</td></tr>
{{#if leadText}}
<tr><td style="padding:6px 16px;overflow-wrap:anywhere">{{leadText}}</td></tr>
{{/if}}
{{#if table}}
{{#each table.groups}}
<tr><td style="padding:12px 16px 2px 16px;font-size:14px;overflow-wrap:anywhere"><b>{{this.rule}}</b> <span class="dim" style="color:#5b677a">{{this.count}}</span></td></tr>
<tr><td style="padding:0 16px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;font-size:14px">
{{#each this.rows}}
<tr><td class="rule" style="padding:6px 0 6px 10px;border-top:1px solid #e2e8f0;border-left:4px solid {{this.colour}};overflow-wrap:anywhere">
<span style="background:{{this.colour}};color:#ffffff;font-size:11px;font-weight:bold;padding:1px 6px">{{this.state}}</span> {{#if this.href}}<a class="link" href="{{this.href}}" style="color:#1d4ed8;text-decoration:none">{{this.title}}</a>{{else}}{{this.title}}{{/if}}<br><span class="dim" style="color:#5b677a;font-size:13px">{{this.when}}</span></td></tr>
{{/each}}
</table></td></tr>
{{#if this.more}}
<tr><td class="dim" style="padding:2px 16px 4px 30px;color:#5b677a;font-size:13px">{{this.more}}</td></tr>
{{/if}}
{{/each}}
{{#if table.more}}
<tr><td class="dim" style="padding:8px 16px;color:#5b677a;font-size:13px">{{table.more}}</td></tr>
{{/if}}
{{/if}}
{{#if body}}
<tr><td style="padding:8px 16px;overflow-wrap:anywhere">{{#each body}}{{this}}<br>
{{/each}}</td></tr>
{{/if}}
{{#each alerts}}
{{#if this.isTitled}}
<tr><td style="padding:18px 16px 0 16px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse"><tr><td class="rule" style="padding:12px 0 0 0;border-top:2px solid #cbd5e1;font-size:17px;line-height:1.3;font-weight:bold;overflow-wrap:anywhere"><span style="background:{{this.colour}};color:#ffffff;font-size:12px;padding:2px 8px">{{this.banner}}</span> {{this.title}}</td></tr></table></td></tr>
{{/if}}
<tr><td style="padding:4px 16px 8px 16px;overflow-wrap:anywhere">{{this.status}}</td></tr>
<tr><td style="padding:0 16px 10px 16px"><table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:collapse;font-size:14px">
{{#each this.facts}}
{{#if this.isLong}}
<tr><td colspan="2" style="padding:2px 0;overflow-wrap:anywhere"><span class="dim" style="color:#5b677a">{{this.name}}:</span> {{this.value}}</td></tr>
{{else}}
<tr><td class="dim" valign="top" style="padding:2px 14px 2px 0;color:#5b677a;white-space:nowrap">{{this.name}}</td><td style="padding:2px 0;overflow-wrap:anywhere">{{#if this.href}}<a class="link" href="{{this.href}}" style="color:#1d4ed8;text-decoration:none">{{this.value}}</a>{{else}}{{this.value}}{{/if}}{{this.more}}</td></tr>
{{/if}}
{{/each}}
</table></td></tr>
{{#if this.runbook}}
<tr><td style="padding:0 16px 12px 16px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse"><tr><td class="todo" style="padding:8px 12px;background:#fefce8;border:1px solid #fde68a;overflow-wrap:anywhere"><b>What to do</b><br>{{#each this.runbook.parts}}{{#if this.label}}<b>{{this.label}}:</b> {{/if}}{{this.text}}<br>{{/each}}<span class="dim" style="color:#5b677a">{{this.runbook.text}}</span>{{#if this.runbook.href}} <a class="link" href="{{this.runbook.href}}" style="color:#1d4ed8">{{this.runbook.href}}</a>{{/if}}</td></tr></table></td></tr>
{{/if}}
{{#if this.links}}
<tr><td style="padding:0 16px 6px 16px">{{#each this.links}}<a href="{{this.href}}" style="display:inline-block;margin:0 8px 8px 0;padding:9px 14px;background:#1d4ed8;color:#ffffff;font-weight:bold;font-size:14px;text-decoration:none">{{this.name}}</a>{{/each}}</td></tr>
{{/if}}
{{#if this.lines}}
<tr><td class="dim" style="padding:2px 16px 4px 16px;color:#5b677a;font-size:13px;overflow-wrap:anywhere">{{this.linesTitle}}</td></tr>
<tr><td style="padding:0 16px 12px 16px"><table role="presentation" class="log" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;background:#f8fafc;border:1px solid #e2e8f0;font-family:ui-monospace,Menlo,Consolas,'Liberation Mono',monospace;font-size:12px;line-height:1.45">
{{#each this.lines}}
{{#if this.divider}}
<tr><td class="dim rule" style="padding:3px 8px;border-left:4px solid #cbd5e1;color:#5b677a">{{this.divider}}</td></tr>
{{/if}}
{{#if this.isHit}}
<tr><td class="hit" style="padding:4px 8px;border-left:4px solid {{this.bar}};background:#fee2e2;overflow-wrap:anywhere;white-space:pre-wrap"><b>{{this.mark}} {{this.time}} {{this.who}}: {{this.text}}</b></td></tr>
{{else}}
<tr><td class="rule" style="padding:3px 8px;border-left:4px solid {{this.bar}};overflow-wrap:anywhere;white-space:pre-wrap"><span class="dim" style="color:#5b677a">{{this.time}} {{this.who}}:</span> {{this.text}}</td></tr>
{{/if}}
{{/each}}
</table></td></tr>
{{/if}}
{{#if this.contextNote}}
<tr><td class="dim" style="padding:0 16px 12px 16px;color:#5b677a;font-size:13px;overflow-wrap:anywhere">{{this.contextNote}}</td></tr>
{{/if}}
{{/each}}
{{#if note}}
<tr><td class="dim" style="padding:0 16px 12px 16px;color:#5b677a;font-size:13px">{{note}}</td></tr>
{{/if}}
<tr><td class="dim rule" style="padding:10px 16px;border-top:1px solid #e2e8f0;color:#5b677a;font-size:12px;overflow-wrap:anywhere">{{footerText}}{{#if hubLink}} <a class="link" href="{{hubLink}}" style="color:#1d4ed8">All alerts</a>{{/if}}</td></tr>
</table></td></tr></table></body></html>
`
