import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aRoom } from './room.ts'

test.for(['../secret', 'alpine/../../secret', '/etc/passwd', 'alpine', '', 'alpine/vmlinuz\0.txt', 'nothing', 'alpine/vmlinuz/x', 'out', 'outdir/secret', 'loop', '..', `a/${'x'.repeat(300)}`])(
  'an asset path %j leads nowhere',
  (path) => {
    using room = aRoom()
    writeFileSync(join(room.folder, 'secret'), 'secret')
    symlinkSync('../secret', join(room.assets, 'out'))
    symlinkSync('..', join(room.assets, 'outdir'))
    symlinkSync('loop', join(room.assets, 'loop'))
    expect(room.boot.asset(path)).toBeUndefined()
  },
)

test('a file, a link inside the folder, and a folder that is itself a link are found', () => {
  using room = aRoom()
  symlinkSync('vmlinuz', join(room.assets, 'alpine/latest'))
  mkdirSync(join(room.assets, 'empty'))
  expect(room.boot.asset('alpine/vmlinuz')).toBe(join(room.assets, 'alpine/vmlinuz'))
  expect(room.boot.asset('alpine/latest')).toBe(join(room.assets, 'alpine/vmlinuz'))
})

test.for<[string, boolean]>([
  ['127.0.0.1', true], ['10.77.0.50', true], ['::ffff:10.77.0.50', true], ['192.168.9.9', true], ['fe80::1', true], ['8.8.8.8', false], ['2001:db8::1', false], ['nonsense', false],
])('%s may ask: %s', ([address, may]) => {
  using room = aRoom()
  expect(room.boot.mayAsk(address)).toBe(may)
})

test('a network that cannot be read is refused at start', () => {
  expect(() => aRoom({ config: { allow_from: ['10.0.0.0/33'] } })).toThrow('boot.allow_from: "10.0.0.0/33"')
})

test('a template of arguments that cannot be compiled is refused at start, with its name', () => {
  expect(() => aRoom({ profiles: "tch: { boot: net, kernel: k, args: 'x={{{node}}}' }" })).toThrow('boot.profiles.tch.args')
})
