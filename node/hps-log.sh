#!/bin/sh
# hps-log.sh: what a node says to the hub, from an initial RAM disk, an installer or a running system.
#
# POSIX sh (dash, busybox). Sends by `logger` where a syslog daemon listens, else by `nc` over UDP, else by HTTP with
# `curl` or `wget`. Source it and call the functions, or run it:
#
#   hps-log.sh announce [boot|install|rescue|audit]      this boot begins; prints the session label
#   hps-log.sh log LEVEL TEXT [FUNCTION]                 one line, e.g.  log warning "disk is slow" n_install
#   hps-log.sh stage STAGE [TEXT]                        a stage of the boot, a word of the hub's catalogue
#   hps-log.sh ready                                     the system is up
#   hps-log.sh end reboot|shutdown                       this boot ends
#   hps-log.sh ack [SECONDS]                             did my log arrive? A line for each way that this system has, e.g.
#                                                        `udp logged seq=17 …`; 0: by syslog, 1: by HTTP alone, 3: by none
#
# Settings come from the environment, else from the kernel command line (in brackets):
#   HPS_HUB      base URL of the hub, http://10.0.0.1:8080   [hps.hub=]
#   HPS_SESSION  session label                               [hps.session=]
#   HPS_NODE     name of this machine                        [hps.node=], else the host name
#   HPS_LOG_HOST log server for `nc`, else the host of HPS_HUB;  HPS_LOG_PORT, else 514
#   HPS_VIA      logger, udp or http; else the first of them that is there

HPS_APP=${HPS_APP:-hps}
HPS_CMDLINE=${HPS_CMDLINE:-/proc/cmdline}
HPS_PROC=${HPS_PROC:-/proc}
HPS_DEV_LOG=${HPS_DEV_LOG:-/dev/log}

# hps_arg NAME: the value of NAME=value on the kernel command line, the last one counts.
hps_arg() {
  [ -r "$HPS_CMDLINE" ] || return 0
  tr ' ' '\n' < "$HPS_CMDLINE" | sed -n "s|^$1=||p" | tail -n 1
}

# hps_setup: fills in what is not set. Called by every function that sends.
hps_setup() {
  [ -n "${HPS_READY:-}" ] && return 0
  HPS_HUB=${HPS_HUB:-$(hps_arg hps.hub)}
  HPS_HUB=${HPS_HUB%/}
  HPS_SESSION=${HPS_SESSION:-$(hps_arg hps.session)}
  HPS_NODE=${HPS_NODE:-$(hps_arg hps.node)}
  HPS_NODE=${HPS_NODE:-$(hostname 2> /dev/null || cat "$HPS_PROC/sys/kernel/hostname")}
  if [ -z "${HPS_LOG_HOST:-}" ]; then
    HPS_LOG_HOST=${HPS_HUB#*://}
    HPS_LOG_HOST=${HPS_LOG_HOST%%/*}
    HPS_LOG_HOST=${HPS_LOG_HOST%:*}
  fi
  HPS_VIA=${HPS_VIA:-$(hps_transport)}
  HPS_READY=1
}

# hps_ways: the ways to the hub that this system has, the best one first.
hps_ways() {
  if [ -e "$HPS_DEV_LOG" ] && command -v logger > /dev/null 2>&1; then echo logger; fi
  if [ -n "$HPS_LOG_HOST" ] && nc -h 2>&1 | grep -q -e '-[0-9a-zA-Z]*u'; then echo udp; fi
  if [ -n "$HPS_HUB" ]; then echo http; fi
}

# hps_transport: the best way to the hub that this system has.
hps_transport() {
  for hps_w in $(hps_ways) http; do echo "$hps_w" && return; done
}

# hps_severity LEVEL: its number (RFC 5424 section 6.2.1), 6 for a word that is none.
hps_severity() {
  case $1 in
    emerg) echo 0 ;; alert) echo 1 ;; crit) echo 2 ;; err | error) echo 3 ;; warning | warn) echo 4 ;;
    notice) echo 5 ;; debug) echo 7 ;; *) echo 6 ;;
  esac
}

# hps_word TEXT: only what may stand in a label.
hps_word() { printf '%s' "$1" | tr -cd 'A-Za-z0-9_.-'; }

# hps_label FORM FUNCTION STAGE: the label as structured data (5424) or as the beginning of the text (3164). The messages
# of the wire contract (hps-session, hps-ack) are their whole text, so they take no label there: FORM is `none`.
hps_label() {
  [ "$1" = none ] && return 0
  hps_s=$(hps_word "$HPS_SESSION") hps_f=$(hps_word "$2") hps_st=$(hps_word "$3")
  if [ "$1" = 5424 ]; then
    hps_l="${hps_s:+ session=\"$hps_s\"}${hps_f:+ function=\"$hps_f\"}${hps_st:+ stage=\"$hps_st\"}"
    if [ -n "$hps_l" ]; then printf '[hps@32473%s]' "$hps_l"; else printf '-'; fi
  else
    hps_l="${hps_s:+ s=$hps_s}${hps_f:+ f=$hps_f}${hps_st:+ st=$hps_st}"
    [ -z "$hps_l" ] || printf '[%s] ' "${hps_l# }"
  fi
}

# hps_send LEVEL APP TEXT [FUNCTION [STAGE]]: one message by HPS_VIA. Fails when no way took it.
hps_send() {
  hps_setup
  hps_text=$(printf '%s' "$3" | tr '\r\n' '  ')
  if [ "$HPS_VIA" = logger ]; then
    hps_level=$(echo "emerg alert crit err warning notice info debug" | cut -d ' ' -f $(($(hps_severity "$1") + 1)))
    case $2 in hps-session | hps-ack | hps-trigger) hps_form=none ;; *) hps_form=3164 ;; esac
    logger -p "user.$hps_level" -t "$2" -- "$(hps_label $hps_form "${4:-}" "${5:-}")$hps_text"
    return
  fi
  hps_frame=$(printf '<%d>1 %s %s %s - - %s %s' $((8 + $(hps_severity "$1"))) "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    "$HPS_NODE" "$2" "$(hps_label 5424 "${4:-}" "${5:-}")" "$hps_text")
  if [ "$HPS_VIA" = udp ]; then
    printf '%s' "$hps_frame" | nc -u -w 1 "$HPS_LOG_HOST" "${HPS_LOG_PORT:-514}" > /dev/null
  else
    hps_post "$hps_frame"
  fi
}

# hps_within SECONDS COMMAND…: ends it then. wget's own -T is not used: it crashes the busybox of Debian 12 (1.35, static).
hps_within() {
  if command -v timeout > /dev/null 2>&1; then timeout "$@"; else shift && "$@"; fi
}

# hps_post FRAME: to the hub by HTTP; the hub answers when it is on disk.
hps_post() {
  [ -n "$HPS_HUB" ] || return 1
  if command -v curl > /dev/null 2>&1; then
    printf '%s\n' "$1" | curl -fsS -m 10 -H 'Content-Type: text/plain' --data-binary @- "$HPS_HUB/api/v1/logs" > /dev/null
  else
    hps_within 10 wget -q -O /dev/null --header 'Content-Type: text/plain' --post-data "$1
" "$HPS_HUB/api/v1/logs"
  fi
}

# hps_get SECONDS PATH: the body of an answer.
hps_get() {
  if command -v curl > /dev/null 2>&1; then curl -fsS -m "$1" "$HPS_HUB$2"; else hps_within "$1" wget -q -O - "$HPS_HUB$2"; fi
}

hps_log() { hps_send "$1" "$HPS_APP" "$2" "${3:-}"; }
hps_stage() { hps_send info "$HPS_APP" "${2:-stage $1}" "${3:-}" "$1"; }
hps_ready() { hps_stage os.ready "ready after $(cut -d ' ' -f 1 "$HPS_PROC/uptime") s"; }
hps_end() { hps_send notice hps-session "end reason=$1"; }

# hps_session_hash HOST SECONDS: the hash of a boot, as the hub computes it.
hps_session_hash() { echo "$1:$2" | sha256sum | cut -c 1-6; }

# hps_mac: the MAC of the first network interface that is up, else of the first one.
hps_mac() {
  for hps_i in up any; do
    for hps_n in /sys/class/net/*; do
      [ "${hps_n##*/}" = lo ] && continue
      [ $hps_i = any ] || grep -q up "$hps_n/operstate" 2> /dev/null || continue
      cat "$hps_n/address" && return
    done
  done
}

# hps_announce [KIND]: this boot begins. Without a label from the boot loader the boot's own hash becomes it.
hps_announce() {
  hps_setup
  hps_up=$(cut -d . -f 1 "$HPS_PROC/uptime")
  hps_boot=$(($(date +%s) - hps_up))
  [ -n "$HPS_SESSION" ] || HPS_SESSION=$(hps_session_hash "$HPS_NODE" "$hps_boot")
  hps_id=$(cat "$HPS_PROC/sys/kernel/random/boot_id" 2> /dev/null)
  hps_m=${HPS_MAC:-$(hps_mac)}
  hps_send notice hps-session "start host=$HPS_NODE boot_time=$hps_boot${hps_id:+ boot_id=$hps_id}${hps_m:+ mac=$hps_m} kind=${1:-boot}"
}

# hps_new_key: a key that nobody had before.
hps_new_key() { cat "$HPS_PROC/sys/kernel/random/uuid"; }

# hps_ack [SECONDS]: sends a key by each way that this system has, and asks which arrived: a line for each, the way before
# the hub's own words (`udp logged seq=17 …`, `udp not-logged …`), or `not-sent`, or `no-answer`. HPS_VIA stays what it is
# when that arrived, else it becomes the best one that did. 0: by syslog, 1: by HTTP alone, 3: by none, or none is known.
hps_ack() {
  hps_setup
  hps_chosen=$HPS_VIA hps_sent='' hps_arrived=''
  for hps_w in $(hps_ways); do
    hps_key=$(hps_new_key)
    HPS_VIA=$hps_w
    if hps_send info hps-ack "$hps_key" 2> /dev/null; then hps_sent="$hps_sent $hps_w=$hps_key"; else echo "$hps_w not-sent"; fi
  done
  HPS_VIA=$hps_chosen
  hps_until=$(($(date +%s) + ${1:-10}))
  for hps_w in $hps_sent; do
    hps_left=$((hps_until - $(date +%s)))
    [ "$hps_left" -gt 0 ] || hps_left=0
    hps_answer=$(hps_get $((hps_left + 5)) "/boot/v1/log/ack?key=${hps_w#*=}&wait=$hps_left" 2> /dev/null)
    printf '%s %s\n' "${hps_w%%=*}" "${hps_answer:-no-answer}"
    case $hps_answer in logged*) hps_arrived="$hps_arrived ${hps_w%%=*}" ;; esac
  done
  case "$hps_arrived " in
    ' ') return 3 ;;
    *" $hps_chosen "*) ;;
    *) HPS_VIA=${hps_arrived# } HPS_VIA=${HPS_VIA%% *} ;;
  esac
  case $hps_arrived in *logger* | *udp*) return 0 ;; esac
  return 1
}

# Run, not sourced.
case ${0##*/} in
  hps-log.sh | hps-log)
    hps_command=${1:-}
    [ $# -gt 0 ] && shift
    case $hps_command in
      announce) hps_announce "$@" && printf '%s\n' "$HPS_SESSION" ;;
      log | stage | ready | end | ack) "hps_$hps_command" "$@" ;;
      *) sed -n '2,/^$/p' "$0" | sed 's/^# \{0,1\}//' >&2 && exit 2 ;;
    esac
    ;;
esac
