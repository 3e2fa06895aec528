#!/bin/sh
# Installs the system packages that building, testing and the demonstration
# need on Debian or Ubuntu. Does nothing, and needs no rights, where all are
# there already. Run by `make setup`, `make demo`, `make test`, `make package`.
set -eu

packages="gcc libc6-dev pkg-config libgl-dev libegl-dev libx11-dev libxcursor-dev libxrandr-dev
libasound2-dev libxinerama-dev libxi-dev libxxf86vm-dev libwayland-dev libxkbcommon-dev libgl1-mesa-dri
xvfb xauth xdotool openbox imagemagick x11-utils dbus gnome-keyring ca-certificates git"

missing=""
for p in $packages; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $p"
done

if [ -n "$missing" ]; then
	as_root=""
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || {
			echo "setup: these packages are missing and need root to install:$missing" >&2
			echo "setup: run 'make setup' as root, or install sudo." >&2
			exit 1
		}
		as_root="sudo"
	fi
	echo "setup: installing$missing"
	# A package list may be missing or old: refresh it once, then install.
	$as_root apt-get update -qq
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

# Go 1.26 builds Wardlight. Any Go from 1.21 on fetches it by itself unless
# told not to.
go_ok() {
	command -v go >/dev/null || return 1
	minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
	[ -n "$minor" ] || return 1
	[ "$minor" -ge 26 ] || { [ "$minor" -ge 21 ] && [ "$(go env GOTOOLCHAIN)" != local ]; }
}
if ! go_ok; then
	echo "setup: Go 1.26 is needed (1.21 or newer fetches it by itself). Install it from your distribution" >&2
	echo "setup: (golang-go, on Debian 12 from backports) or from the Go project, then run this again." >&2
	exit 1
fi
