import { DAEMON, say, USER, type Step, type Steps } from '../line.ts'
import { between, type Random } from '../random.ts'

const PACKAGES = ['libc6', 'bash', 'coreutils', 'e2fsprogs', 'openssh-server', 'lvm2', 'mdadm', 'chrony', 'rsyslog', 'targetcli-fb', 'zfsutils-linux', 'smartmontools', 'linux-image-amd64'] as const

/** A Debian installer run by preseed, told by its own programs. About a minute, so that one can watch it. */
export function* debianInstalls(random: Random): Steps {
  const main = (afterMs: number, text: string): Step => say(afterMs, { facility: DAEMON, severity: 6, app: 'main-menu', pid: 412, text })
  const program = (afterMs: number, app: string, text: string): Step => say(afterMs, { facility: USER, severity: 5, app, text })
  yield main(2_000, "INFO: Menu item 'netcfg' selected")
  yield program(400, 'netcfg', 'INFO: Starting netcfg v.1.187')
  yield main(2_500, "INFO: Menu item 'preseed-common' selected")
  yield program(300, 'preseed', 'successfully loaded preseed file from http://ips-01/preseed.cfg')
  yield main(1_500, "INFO: Menu item 'partman-base' selected")
  yield program(2_500, 'partman', 'mke2fs 1.47.0 (5-Feb-2023)')
  yield program(900, 'partman-lvm', 'Logical volume "root" created.')
  yield main(3_000, "INFO: Menu item 'bootstrap-base' selected")
  for (const name of PACKAGES) yield program(between(random, 700, 2_600), 'in-target', `Setting up ${name} ...`)
  yield main(1_800, "INFO: Menu item 'grub-installer' selected")
  yield program(1_200, 'grub-installer', 'info: Installing grub on \'/dev/nvme0n1\'')
  yield program(2_400, 'grub-installer', 'info: grub-install ran successfully')
  yield main(1_000, "INFO: Menu item 'finish-install' selected")
  yield program(700, 'finish-install', 'info: Running /usr/lib/finish-install.d/94save-logs')
  yield program(600, 'finish-install', 'info: Running /usr/lib/finish-install.d/99reboot')
}
