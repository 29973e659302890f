#!/bin/sh
# run.sh - damages an index in every way that fits the time (corrupt.c), under
# AddressSanitizer.
#
# Compiles by the Makefile's rules with ${CC:-gcc} into ${CDG_BUILD:-build}/asan, and runs it.
# The last line is `N passed, N failed`; the exit status is 1 if any failed, 2
# if it could not be tried.
#
# Environment: SEED, SECONDS (60) of repaired damage, SAMPLE (15) seconds of a
# larger index, DOCS (300) of the one whose every byte is damaged, FULL=1 for
# every question each time, WORKERS, PHASE=flips|sample|repaired, ONLY=N.

set -u

cd "$(dirname "$0")/../.." || exit 2
. tests/common/asan.sh
run_under_asan corrupt/corrupt
