#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# system.sh PYTHON BUILD ARGUMENT...: the system tests, several at once.  What fails beside others on a busy
# machine and not alone is a test to be mended, and it is named; no less is it a program that works: up to
# three such are run once more, alone, and must pass.  A wrong reading is never given a second chance.
python=$1
build=$2
shift 2
tests() {
	ETALON_BUILD=$build "$python" -m pytest -q -o cache_dir="$build/pytest" "$@"
}
rm -rf "$build/pytest"
tests "$@"
failed=$?
[ $failed = 1 ] || exit $failed

again="--last-failed --last-failed-no-failures none"
names=$(tests $again --collect-only tests/system tests/crash 2>/dev/null | grep '::')
if [ -z "$names" ] || [ "$(echo "$names" | wc -l)" -gt 3 ] || echo "$names" | grep -q wrong_value; then
	exit 1
fi
echo "Again, alone:" $names
tests $again tests/system tests/crash
