import type { Stage } from '#domain/stages.ts'

/** What a machine fetches before its kernel runs, by the name of the file. */
export type BootFileStage = Extract<Stage, 'nbp.sent' | 'kernel.fetch' | 'initrd.fetch'>

const NETWORK_BOOT_PROGRAM = /(?:\.(?:k?k?pxe|0|efi|pxe|lkrn|usb)|\/?(?:l?pxelinux|undionly|snponly|ipxe|bootx64|grubx64|shimx64)[^/]*)$/i
const INITRD = /^(?:initrd|initramfs|ramdisk|rootfs|modloop|amd-ucode|intel-ucode)|\.(?:cpio|initrd)(?:\.\w+)?$|initr(?:d|amfs)/i
const KERNEL = /^(?:vmlinu[xz]|bzimage|kernel|linux|image)(?:$|[-_.\d])/i

/** @returns undefined: no file that tells where a boot is (a configuration, a script, a font) */
export function bootFileStage(path: string): BootFileStage | undefined {
  const name = (path.split(/[?#]/, 1)[0] ?? '').replace(/^.*[/\\]/, '')
  if (INITRD.test(name)) return 'initrd.fetch'
  if (KERNEL.test(name)) return 'kernel.fetch'
  return NETWORK_BOOT_PROGRAM.test(name) ? 'nbp.sent' : undefined
}
