import type { DemoNode } from '../fleet.ts'
import { AUTH, CRON, DAEMON, say, USER, type Line, type Step, type Steps } from '../line.ts'
import { between, pick, type Random } from '../random.ts'

/** What services say when a machine has just started. */
export function* servicesStart(node: DemoNode, random: Random): Steps {
  const systemd = (text: string): Step => say(between(random, 20, 400), { facility: DAEMON, severity: 6, app: 'systemd', pid: 1, text })
  yield systemd('Started systemd-journald.service - Journal Service.')
  yield systemd('Reached target network-online.target - Network is Online.')
  yield say(between(random, 50, 200), { facility: DAEMON, severity: 6, app: 'chronyd', pid: 641, text: 'chronyd version 4.3 starting (+CMDMON +NTP +REFCLOCK +RTC +PRIVDROP +SCFILTER +SIGND +ASYNCDNS +NTS +SECHASH +IPV6 -DEBUG)' })
  yield say(between(random, 50, 200), { facility: AUTH, severity: 6, app: 'sshd', pid: 702, text: 'Server listening on 0.0.0.0 port 22.' })
  yield say(between(random, 50, 200), { facility: DAEMON, severity: 6, app: 'smartd', pid: 655, text: 'Device: /dev/nvme0, opened' })
  yield systemd('Started cron.service - Regular background program processing daemon.')
  yield systemd('Reached target multi-user.target - Multi-User System.')
  yield systemd(`Startup finished in 3.071s (kernel) + ${(4 + random() * 4).toFixed(3)}s (userspace) = ${(8 + random() * 4).toFixed(3)}s.`)
  yield say(between(random, 500, 2_000), { facility: DAEMON, severity: 6, app: 'chronyd', pid: 641, text: `Selected source ${node.address.replace(/\d+$/, '254')}` })
}

/** One line of an ordinary day. */
export function chatter(node: DemoNode, random: Random): Line {
  const pid = between(random, 900, 31_000)
  return pick<() => Line>(random, [
    () => ({ facility: CRON, severity: 6, app: 'CRON', pid, text: '(root) CMD (   cd / && run-parts --report /etc/cron.hourly)' }),
    () => ({ facility: AUTH, severity: 6, app: 'sshd', pid, text: `Accepted publickey for operator from 10.0.0.${between(random, 2, 9)} port ${between(random, 32_768, 60_999)} ssh2: ED25519 SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8` }),
    () => ({ facility: AUTH, severity: 6, app: 'systemd-logind', pid: 618, text: `New session ${between(random, 10, 999)} of user operator.` }),
    () => ({ facility: DAEMON, severity: 6, app: 'systemd', pid: 1, text: 'logrotate.service: Deactivated successfully.' }),
    () => ({ facility: DAEMON, severity: 6, app: 'chronyd', pid: 641, text: `System clock wrong by ${(random() * 0.02).toFixed(6)} seconds` }),
    () => ({ facility: DAEMON, severity: 6, app: 'smartd', pid: 655, text: `Device: /dev/nvme0, SMART Attribute: Temperature changed from ${between(random, 35, 39)} to ${between(random, 40, 44)}` }),
    () => ({ facility: USER, severity: 5, app: 'job', pid, text: `batch ${between(random, 1_000, 9_999)} on ${node.name} finished in ${(random() * 90).toFixed(1)} s, exit status 0` }),
    () => ({ facility: AUTH, severity: 6, app: 'sshd', pid, text: `Connection closed by 10.0.0.${between(random, 10, 250)} port ${between(random, 32_768, 60_999)} [preauth]` }),
    () => ({ facility: DAEMON, severity: 4, app: 'systemd-resolved', pid: 588, text: 'Using degraded feature set UDP instead of UDP+EDNS0 for DNS server 10.0.0.1.' }),
  ])()
}

/** An orderly end. */
export function* shutsDown(random: Random): Steps {
  const systemd = (afterMs: number, text: string): Step => say(afterMs, { facility: DAEMON, severity: 6, app: 'systemd', pid: 1, text })
  yield say(0, { facility: AUTH, severity: 6, app: 'sudo', pid: between(random, 900, 31_000), text: 'operator : TTY=pts/0 ; PWD=/home/operator ; USER=root ; COMMAND=/usr/sbin/reboot' })
  yield systemd(120, 'Stopping ssh.service - OpenBSD Secure Shell server...')
  yield systemd(80, 'Stopped cron.service - Regular background program processing daemon.')
  yield systemd(300, 'Reached target reboot.target - System Reboot.')
  yield systemd(50, 'Shutting down.')
}
