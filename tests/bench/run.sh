#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh BUILD PROGRAM... - the benchmarks one after another, one table, also in BUILD/bench.txt.
# Each program prints rows of words: name, ours, beside, ratio, target, met, unit.
build=$1
shift

conditions() {
	echo "etalon $(git describe --always --dirty 2>/dev/null), $(date -u '+%Y-%m-%d %H:%M:%SZ')"
	echo "$(nproc) cores: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1); Linux $(uname -r);" \
		"$(df --output=fstype "$build" | tail -n 1); load $(cut -d' ' -f1-3 /proc/loadavg)"
	echo "Sides take turns in one run; figures are medians, a ratio is the median of the rounds' ratios."
	echo "one_core: both ends pinned to core 0.  two_cores: server on core 1, client on core 0."
	echo "recorded: who asks is pinned so too; journal and stream share core 1 (one_core, beside_python) or"
	echo "go where there is room.  Nothing else is pinned.  target: of the ratio, or, with a unit, of ours."
	echo
}

rows() {
	echo "row ours beside ratio target met unit"
	for program; do
		timeout 100 "$program" || echo "${program##*/} failed"
	done
}

{ conditions; rows "$@"; } > "$build/bench.raw" || exit 1
count() {
	awk '$6 == "yes" { met++ } $6 == "NO" { missed++ }
	     END { printf "\n%d targets met, %d missed\n", met, missed }' "$build/bench.raw"
}

{ sed '/^$/q' "$build/bench.raw"; sed '1,/^$/d' "$build/bench.raw" | column -t -R 2,3,4,5,6; count; } |
	tee "$build/bench.txt"
rm "$build/bench.raw"
! grep -q ' failed$' "$build/bench.txt"
