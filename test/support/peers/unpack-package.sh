#!/bin/sh
# Unpacks Debian packages into a folder, for tests: those of mail servers conflict with each other, so they cannot be installed side by side.
# The libraries that they need are installed as packages (libdb5.3 libevent-2.1-7 libicu72 libnsl2 libsasl2-2).
#
#   unpack-package.sh FOLDER PACKAGE…     FOLDER/PACKAGE/usr/… is there afterwards
set -eu
folder=$1
shift
mkdir -p "$folder"
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
cd "$download"
fetch() { apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 download "$1"; }
for package in "$@"; do
  [ -e "$folder/$package" ] && continue
  fetch "$package" || { apt-get -q update; fetch "$package"; }
  dpkg-deb -x "$package"_*.deb "$download/$package"
  mv "$download/$package" "$folder/$package" # whole, or not there
done
