/** The text part. Values come wrapped; nothing here may be built by joining strings. The renderer escapes every value for its medium. */
export const MAIL_TEXT = `{{#each headingText}}
{{this}}
{{/each}}
{{#each lead}}
{{this}}
{{/each}}
{{#if table}}
{{#each table.groups}}

{{#each this.headingText}}
{{this}}
{{/each}}
{{#each this.rows}}
{{this.first}}
{{#each this.rest}}
{{this}}
{{/each}}
{{/each}}
{{#if this.more}}
    {{this.more}}
{{/if}}
{{/each}}
{{#if table.more}}

{{table.more}}
{{/if}}
{{/if}}
{{#if bodyText}}

{{#each bodyText}}
{{this}}
{{/each}}
{{/if}}
{{#each alerts}}
{{#if this.isTitled}}

------------------------------------------------------------------------
{{#each this.titleText}}
{{this}}
{{/each}}
{{/if}}
{{#each this.statusText}}
{{this}}
{{/each}}

{{#each this.facts}}
{{this.label}}{{this.first}}
{{#each this.rest}}
{{this}}
{{/each}}
{{/each}}
{{#if this.runbook}}

What to do
{{#each this.runbook.lines}}
{{this}}
{{/each}}
{{/if}}
{{#if this.links}}

{{#each this.links}}
{{this.label}}{{this.href}}
{{/each}}
{{/if}}
{{#if this.lines}}

{{#each this.linesTitleText}}
{{this}}
{{/each}}
{{#each this.lines}}
{{#if this.divider}}
    -- {{this.divider}} --
{{/if}}
{{this.first}}
{{#each this.rest}}
{{this}}
{{/each}}
{{/each}}
{{/if}}
{{#each this.contextNoteText}}
{{this}}
{{/each}}
{{/each}}
{{#if note}}

{{#each noteText}}
{{this}}
{{/each}}
{{/if}}

-- 
{{#each footer}}
{{this}}
{{/each}}
{{#if hubLink}}
All alerts: {{hubLink}}
{{/if}}
`
