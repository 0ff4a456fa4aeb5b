#!/bin/sh
# Unpacks Debian's syslog-ng into a folder, for tests: its package conflicts with rsyslog's, so it cannot be installed beside it.
# The libraries it needs are installed as packages (libivykis0 libnet1 libwrap0 libjson-c5 libglib2.0-0 libpcre3).
#
#   unpack-syslog-ng.sh FOLDER     FOLDER/usr/sbin/syslog-ng is there afterwards
set -eu
[ -x "$1/usr/sbin/syslog-ng" ] && exit 0
mkdir -p "$1"
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
cd "$download"
fetch() { apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 download syslog-ng-core; }
fetch || { apt-get -q update; fetch; }
for package in ./*.deb; do dpkg-deb -x "$package" "$1"; done
