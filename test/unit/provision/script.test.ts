import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { BootDecision } from '#provision/index.ts'
import { aRoom } from './room.ts'

const HUB = 'http://10.77.0.1:8080'
const decision = (over: Partial<BootDecision>): BootDecision => ({ outcome: 'wait', why: 'tch-001 boots profile tch', node: 'tch-001', session: 'a1b2c3', state: 'configured', ...over })
const boot = (over: Partial<BootDecision> = {}): BootDecision =>
  decision({ outcome: 'boot', kernelUrl: `${HUB}/boot/v1/asset/alpine/vmlinuz`, initrdUrls: [`${HUB}/boot/v1/asset/alpine/initrd.img`], args: 'console=ttyS0 hps.session=a1b2c3', ...over })

/** The exact text that a machine gets; UPDATE_GOLDEN=1 writes the files anew, to be read before they are committed. */
test.for<[file: string, over: BootDecision | undefined]>([
  ['bootstrap', undefined],
  ['boot', boot()],
  ['boot-two-initrds', boot({ initrdUrls: [`${HUB}/boot/v1/asset/a.img`, `${HUB}/boot/v1/asset/b.img`] })],
  ['boot-kernel-only', boot({ initrdUrls: [] })],
  ['boot-without-session', boot({ session: null, args: 'quiet' })],
  ['local', decision({ outcome: 'local', why: 'tch-001 is running: it boots its own disk' })],
  ['wait', decision({ why: 'mac-525400123456 is held until an operator gives it a profile or releases it', retryAfterSeconds: 10 })],
  ['refuse', decision({ outcome: 'refuse', why: 'tch-001 is retired' })],
])('%s.ipxe', ([file, over]) => {
  using room = aRoom()
  const script = over === undefined ? room.boot.bootstrap(HUB) : room.boot.script(over)
  const path = fileURLToPath(new URL(`scripts/${file}.ipxe`, import.meta.url))
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, script)
  expect(script).toBe(readFileSync(path, 'utf8'))
})

test.for(['boot', 'local', 'wait', 'refuse'] as const)('no text of the network becomes a command of the %s script', (outcome) => {
  using room = aRoom()
  const nasty = 'x\nreboot || && ; ${net0/ip} # --autofree "q" \u0000 ü'
  const plain = room.boot.script(boot({ outcome, why: 'x' }))
  const hostile = room.boot.script(boot({ outcome, why: nasty }))
  expect(hostile.split('\n')).toHaveLength(plain.split('\n').length)
  expect(hostile).not.toMatch(/^reboot/m)
  expect(hostile).not.toContain('|| &&')
  expect(hostile).not.toContain('${net0/ip}')
})

test('a line of arguments stays one line of the script', () => {
  using room = aRoom()
  const script = room.boot.script(boot({ args: 'quiet\nreboot' }))
  expect(script).not.toMatch(/^reboot/m)
})

test('every command that a stock iPXE may lack or that may fail has its way on, and every loop counts', () => {
  using room = aRoom()
  const scripts = [room.boot.bootstrap(HUB), ...(['boot', 'local', 'wait', 'refuse'] as const).map((outcome) => room.boot.script(boot({ outcome })))]
  for (const script of scripts) {
    const lines = script.trimEnd().split('\n')
    expect(lines[0]).toBe('#!ipxe')
    expect(lines.at(-1)).toBe('exit 1')
    const fragile = lines.filter((line) => /^(chain|kernel|initrd|imgfetch|imgfree|boot|sanboot|dhcp|set domain|isset)\b/.test(line))
    expect(fragile.filter((line) => !line.includes('||'))).toEqual([])
    const backwards = lines.flatMap((line, at) => [...line.matchAll(/goto (\w+)/g)].filter(([, label]) => lines.indexOf(`:${label}`) < at))
    if (backwards.length > 0) expect(script).toMatch(/^inc \w+\niseq \$\{\w+\} \d+ && goto giveup \|\|$/m)
  }
})
