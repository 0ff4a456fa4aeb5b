#!/usr/bin/env bash
# The network-boot lab: a bridge with a tap for one virtual machine, dnsmasq, a mail server and the hub, in namespaces of its
# own. Nothing of it is seen outside, and all of it ends with this process. As root:
#
#   lab.sh FOLDER         starts the lab; FOLDER/ready appears when it is up, and holds its process id
#   lab.sh boot FOLDER    boots the machine in it; more arguments go to qemu
#   lab.sh in FOLDER CMD  runs a command in it, e.g.  lab.sh in FOLDER ./hps nodes list
#
# FOLDER holds what everyone said: hub.log, dnsmasq.err, exim.out, serial.log, and the hub's data.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
server=10.77.0.1

enter() {
  local folder=$1
  shift
  exec nsenter --target "$(cat "$folder/ready")" --net --mount --pid --wdns="$PWD" -- "$@"
}

case ${1:-} in
  in)
    folder=$2
    shift 2
    enter "$folder" "$@"
    ;;
  boot)
    folder=$(realpath "$2")
    shift 2
    # -accel tcg: a /dev/kvm that is there may still not run firmware
    enter "$folder" qemu-system-x86_64 -name lab -machine q35,graphics=off -accel tcg -cpu qemu64 -m 256 \
      -nodefaults -no-user-config -display none -monitor none -serial "file:$folder/serial.log" -no-reboot -boot n \
      -smbios "type=1,manufacturer=Lab,product=Machine,serial=SN-0001,uuid=11111111-2222-3333-4444-55555555555a" \
      -netdev tap,id=lan,ifname=tap0,script=no,downscript=no \
      -device virtio-net-pci,netdev=lan,mac=52:54:00:12:34:56,bootindex=1 "$@"
    ;;
  inside) ;;
  '' | -*) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
  *)
    mkdir -p "$1"
    folder=$(realpath "$1")
    # the process id that others enter by is the one outside: unshare's child
    unshare --net --mount --pid --fork --kill-child --mount-proc "$here/lab.sh" inside "$folder" &
    outer=$!
    # unshare does not hear TERM; with it goes process 1 of the lab, and with that all the rest
    trap 'kill -KILL "$outer" 2>/dev/null || true' EXIT
    trap 'exit 0' TERM INT
    until [ -e "$folder/up" ]; do
      kill -0 "$outer" 2>/dev/null || { echo "the lab ended before it was up" >&2; exit 1; }
      sleep 0.1
    done
    pgrep -P "$outer" >"$folder/ready.new"
    mv "$folder/ready.new" "$folder/ready"
    wait "$outer"
    exit
    ;;
esac

# ---- inside: process 1 of the lab -----------------------------------------------------------------------------------
folder=$2
mount --make-rprivate /
mount -t sysfs sysfs /sys

# A /dev of its own, so that the lab's /dev/log is not the machine's.
dev=$folder/dev
mkdir -p "$dev"
mount -t tmpfs -o mode=755 tmpfs "$dev"
mkdir "$dev/net" "$dev/shm"
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom "$dev/"
cp -a /dev/net/tun "$dev/net/"
mount --rbind "$dev" /dev

ip link set lo up
ip link add br0 type bridge
ip addr add $server/24 dev br0
# iPXE waits 16 s for a router advertisement where there is none
ip -6 addr add fd77::1/64 dev br0 nodad
ip link set br0 up
ip tuntap add dev tap0 mode tap
ip link set tap0 master br0
ip link set tap0 up

# Mail: taken, and kept in the queue, which only this namespace sees. exim runs as a user of its own.
mount -t tmpfs -o mode=755 tmpfs /var/spool/exim4
chown Debian-exim /var/spool/exim4
cat >"$folder/exim.conf" <<CONF
primary_hostname = mail.lab.test
spool_directory = /var/spool/exim4
log_file_path = /var/spool/exim4/%slog
keep_environment =
daemon_smtp_ports = 25
local_interfaces = $server
queue_only = true
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = accept
acl_smtp_data = accept
begin acl
CONF
exim4 -C "$folder/exim.conf" -bdf >"$folder/exim.out" 2>&1 &
mail=$!

# The hub, as its users start it.
mkdir -p "$folder/data"
cp "$here/routes.yaml" "$folder/data/routes.yaml"
sed -e "s|@folder@|$folder|g" -e "s|@assets@|$root/test/system/.cache/netboot/assets|g" -e "s|@root@|$root|g" "$here/hub.yaml" >"$folder/hub.yaml"
"$root/hps" serve --config "$folder/hub.yaml" >"$folder/hub.log" 2>&1 &
hub=$!
until wget -q -O /dev/null "http://$server:8080/readyz"; do
  kill -0 $hub 2>/dev/null || { cat "$folder/hub.log" >&2; exit 1; }
  sleep 0.2
done

# dnsmasq logs to /dev/log, as everywhere; from there to the hub.
busybox syslogd -n -R 127.0.0.1:514 &
cat >"$folder/dnsmasq.conf" <<CONF
port=0
interface=br0
bind-interfaces
except-interface=lo
dhcp-authoritative
no-ping
dhcp-range=10.77.0.50,10.77.0.60,255.255.255.0,10m
dhcp-leasefile=$folder/leases
dhcp-option=option:router,$server
dhcp-option=option:log-server,$server
dhcp-match=set:ipxe,175
dhcp-boot=tag:ipxe,http://$server:8080/boot
dhcp-option-force=tag:ipxe,encap:175,176,1b
enable-ra
dhcp-range=fd77::,ra-only
log-dhcp
CONF
until [ -S /dev/log ]; do sleep 0.05; done
dnsmasq -k -C "$folder/dnsmasq.conf" --user=root --pid-file= 2>"$folder/dnsmasq.err" &
sleep 0.3
kill -0 $! || { cat "$folder/dnsmasq.err" >&2; exit 1; }
kill -0 $mail || { cat "$folder/exim.out" >&2; exit 1; }
touch "$folder/up"
wait $hub
