#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# unit.sh BUILD PROGRAM...: runs cmocka programs, two at a time, one line each; a failed one shows all it said.
build=$1
shift
run_one() {
	log=$1.log
	if timeout 300 "$1" >"$log" 2>&1; then
		echo "$(basename "$1"): $(grep -a '  PASSED  ' "$log" | tail -n 1)"
		grep -a '  SKIPPED \] [a-z]' "$log" || true
	else
		echo "$(basename "$1"): FAILED"
		cat "$log"
		return 1
	fi
}
if [ "$ETALON_BUILD" ] && [ $# = 1 ]; then
	run_one "$1"
else
	printf '%s\n' "$@" | ETALON_BUILD=$build xargs -P 2 -n 1 "$0" "$build"
fi
