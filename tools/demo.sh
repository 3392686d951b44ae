#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# demo.sh BUILD: a calibration from the first command to the sealed archive, on a simulated bench.
#
# Everything happens in BUILD/demo: the simulator's ports, the daemon's state, the archive.  What
# is started here is stopped here.
set -eu

build=$1
demo=$build/demo
procedure=config/procedures/${PROCEDURE:-dc-voltage-meter}.yaml
sim= daemon=

stop() {
	[ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null; } || true
	[ -z "$sim" ] || { kill "$sim" 2>/dev/null && wait "$sim" 2>/dev/null; } || true
}
trap stop EXIT
trap 'exit 130' INT TERM

# Waits until a condition holds, at most 10 seconds.
await() {
	n=0
	until "$@" 2>/dev/null; do
		n=$((n + 1))
		[ $n -lt 100 ] || { echo "demo.sh: waited in vain for: $*; see $demo/*.log" >&2; exit 1; }
		sleep 0.1
	done
}

mkdir -p "$demo"
rm -f "$demo"/*.log "$demo/bench.yaml"

"$build/etalon-sim" --any-port --folder "$demo" --write-bench "$demo/bench.yaml" --truth "$demo/truth.json" \
	config/benches/demo.yaml >"$demo/sim.log" 2>&1 </dev/null &
sim=$!
await grep -q ready "$demo/sim.log"

"$build/etalond" --config config/etalond.yaml --state "$demo/state" >"$demo/etalond.log" 2>&1 &
daemon=$!
ETALON_STATE=$PWD/$demo/state
export ETALON_STATE
await "$build/etalon" status --json >/dev/null

echo "A simulated bench (calibrator, two meters, room sensor, thermometer) and etalond are running."
"$build/etalon" run --operator demo "$procedure" "$demo/bench.yaml"
archive=$(ls -t "$demo"/state/runs/*/*.h5 | head -n 1)
"$build/etalon" verify "$archive"
cat <<END

journal:    $demo/state/journals/$(basename "$archive" .h5)
logs:       $demo/etalond.log $demo/sim.log
truth:      $demo/truth.json (what the simulated instruments should have said)
archive: $archive
END
