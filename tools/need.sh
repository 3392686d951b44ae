#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# need.sh build|check|bench: installs the Debian packages that are missing, by name.
#
# Says what and why, uses sudo when not root, and does nothing - not even ask apt - when
# everything is there.
set -eu

build="gcc make git pkg-config libc6-dev libserialport-dev libmodbus-dev libzmq3-dev libhdf5-dev libxml2-dev zlib1g-dev
       libyaml-dev libjansson-dev libssl-dev libsystemd-dev libudunits2-dev libedit-dev libgsl-dev scdoc"
check="$build libcmocka-dev python3 python3-pytest python3-pytest-xdist python3-h5py python3-zmq python3-pymodbus
       python3-serial python3-serial-asyncio python3-pyvisa-py python3-yaml lxi-tools hdf5-tools libxml2-utils strace faketime
       libsqlite3-dev mbpoll socat libmuparser2v5"
bench="$check python3-pyvisa python3-pyvisa-py python3-numpy"

case "${1:-}" in
build) wanted=$build why="to build etalon and run the demonstration" ;;
check) wanted=$check why="to build etalon and run its tests" ;;
bench) wanted=$bench why="to measure etalon beside others" ;;
*) echo "usage: need.sh build|check|bench" >&2; exit 2 ;;
esac

missing=
for p in $wanted; do
	dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || { echo "need.sh: install$missing first ($why): this user is not root and there is no sudo" >&2; exit 1; }
	as_root=sudo
fi
echo "Installing, $why:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
