#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# unit.sh BUILD PROGRAM...: runs cmocka programs, one line each; a failed one shows all it said.
build=$1
shift
failed=0
for t in "$@"; do
	log=$t.log
	if ETALON_BUILD=$build timeout 300 "$t" >"$log" 2>&1; then
		echo "$(basename "$t"): $(grep -a '  PASSED  ' "$log" | tail -n 1)"
		grep -a '  SKIPPED \] [a-z]' "$log" || true
	else
		echo "$(basename "$t"): FAILED"
		cat "$log"
		failed=1
	fi
done
exit $failed
