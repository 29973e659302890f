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
build=${CDG_BUILD:-build}
case $build in
*/asan | */tsan) build=${build%/*} ;;
esac
out=$build/asan
# the flags of `make sanitize`, so that it and this share their objects
make -s CC="${CC:-gcc}" BUILD="$out" OPT=-O1 \
	SAN="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer" \
	"$out/tests/corrupt/corrupt" || exit 2

# absurd requests for memory are refused, as by a machine that has not got it
ASAN_OPTIONS=allocator_may_return_null=1:hard_rss_limit_mb=3000:detect_leaks=1
UBSAN_OPTIONS=print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS
exec "$out/tests/corrupt/corrupt"
