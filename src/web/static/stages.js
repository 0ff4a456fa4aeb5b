/** Boot stages in order, as in the hub's catalogue; a test holds the two together. */
export const STAGES = [
  'power.on', 'dhcp.discover', 'dhcp.ack', 'nbp.sent', 'ipxe.start', 'decide', 'kernel.fetch', 'initrd.fetch', 'ready', 'kernel.up', 'initramfs.net',
  'installer.start', 'config.fetch', 'storage', 'packages', 'bootloader', 'post', 'install.done', 'reboot', 'os.syslog', 'os.ready',
]
