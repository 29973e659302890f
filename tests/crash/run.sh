#!/bin/sh
# run.sh - kills writers and breaks disks under them (crash.c).
#
# Compiles by the Makefile's rules with ${CC:-gcc} into ${CDG_BUILD:-build}, and runs it.
# The last line is `N passed, N failed`; the exit status is 1 if any failed, 2
# if it could not be tried.
#
# Environment: SEED, COUNT (300) of random kills, STEP (1) of the
# exhaustive phases, PHASE=kill|points|fail|order|full.

set -u

cd "$(dirname "$0")/../.." || exit 2
build=${CDG_BUILD:-build}
case $build in
*/asan | */tsan) build=${build%/*} ;;
esac
make -s CC="${CC:-gcc}" BUILD="$build" "$build/tests/crash/crash" || exit 2
exec "$build/tests/crash/crash"
