#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# unit.sh BUILD PROGRAM...: runs cmocka programs, two at a time, one line each; a failed one shows all it said, and
# is run once more, alone (tests/system.sh says why).
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
	run_one "$1" || { touch "$1.failed"; exit 1; }
	exit 0
fi

export ETALON_BUILD="$build"
for t in "$@"; do
	rm -f "$t.failed"
done
printf '%s\n' "$@" | xargs -P 2 -n 1 "$0" "$build" && exit 0
failed=1
for t in "$@"; do
	[ -e "$t.failed" ] || continue
	[ $failed = 2 ] || failed=0
	echo "Again, alone: $(basename "$t")"
	run_one "$t" || failed=2
done
exit $failed
