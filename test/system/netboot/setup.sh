#!/usr/bin/env bash
# What the network-boot lab needs, on Debian 12 as root: packages, a kernel (unpacked, never installed), an initial RAM disk.
# Run again it only makes what is missing. Everything made lies in test/system/.cache/netboot.
set -euo pipefail
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
cache=$(cd .. && pwd)/.cache/netboot
mkdir -p "$cache/assets"

# exim4-daemon-light: a mail server whose queue can be looked at. RUNLEVEL=1: Debian's scripts then start no daemon.
packages=(qemu-system-x86 ipxe-qemu seabios dnsmasq-base busybox-static cpio iproute2 exim4-daemon-light)
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$cache/apt.log" 2>&1 || { tail -20 "$cache/apt.log"; exit 1; }
fi

if [ ! -f "$cache/assets/vmlinuz" ]; then
  [ -n "$(apt-cache depends linux-image-cloud-amd64 2>/dev/null)" ] || apt-get update -qq
  image=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends/ { print $2; exit }')
  rm -rf "$cache/kernel" && mkdir -p "$cache/download"
  (cd "$cache/download" && apt-get download -qq "$image")
  dpkg-deb -x "$cache/download/$image"_*.deb "$cache/kernel"
  rm -rf "$cache/download"
  cp "$cache"/kernel/boot/vmlinuz-* "$cache/assets/vmlinuz"
fi

# The initial RAM disk is made anew: the node library and init in it are what is tested.
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{bin,dev,etc,lib/modules,proc,sys,tmp}
cp /bin/busybox "$tree/bin/busybox"
# --list names busybox itself: a link over it would leave no shell
for applet in $(/bin/busybox --list); do [ "$applet" = busybox ] || ln -sf busybox "$tree/bin/$applet"; done
modules=$(echo "$cache"/kernel/lib/modules/*)
number=10
node=../../../node_modules/.bin/node
for file in $("$node" module-order.ts "$modules" virtio_pci virtio_net); do
  cp "$file" "$tree/lib/modules/$number-${file##*/}"
  number=$((number + 1))
done
cp init "$tree/init"
cp udhcpc.script "$tree/etc/udhcpc.script"
cp ../../../node/hps-log.sh "$tree/lib/hps-log.sh"
chmod 755 "$tree/init" "$tree/etc/udhcpc.script"
(cd "$tree" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$cache/assets/initrd.img.new"
mv "$cache/assets/initrd.img.new" "$cache/assets/initrd.img"
echo "netboot lab: kernel $(basename "$modules"), initrd $(stat -c %s "$cache/assets/initrd.img") bytes"
