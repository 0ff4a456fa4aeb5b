import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { made } from './made.ts'
import { SAMPLES } from './samples.ts'

/**
 * Pictures of mails, with Debian's Chromium:
 *   node test/support/mail/pictures.ts [folder] [name…]
 * Without names those of the docs, into docs/images; a name is one of the samples, with `@desktop`, `@dark` or `@text` behind it.
 */
const DOCS = ['one-alert', 'silent-node@dark', 'several@desktop', 'resolved']
const [folder = fileURLToPath(new URL('../../../docs/images', import.meta.url)), ...names] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'] })
try {
  for (const name of names.length === 0 ? DOCS : names) await picture(browser, name)
} finally {
  await browser.close()
}

async function picture(on: Browser, name: string): Promise<void> {
  const [sample, form = 'phone'] = name.split('@')
  const found = SAMPLES.find((one) => one.name === sample)
  if (found === undefined) throw new Error(`there is no sample ${sample}; there are ${SAMPLES.map((one) => one.name).join(', ')}`)
  const { html, text } = await made(found.notice, { lines: found.lines })
  const width = form === 'desktop' ? 820 : form === 'text' ? 700 : 390
  const context = await on.newContext({ viewport: { width, height: 300 }, deviceScaleFactor: form === 'desktop' ? 1 : 1.5, colorScheme: form === 'dark' ? 'dark' : 'light', javaScriptEnabled: false, isMobile: form !== 'desktop' && form !== 'text' })
  const page = await context.newPage()
  if (form === 'text') await page.setContent(`<pre style="font:13px/1.4 monospace">${text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)}</pre>`)
  else await page.setContent(html)
  await page.screenshot({ path: join(folder, `mail-${name.replace('@', '-')}.png`), fullPage: true })
  await context.close()
}
