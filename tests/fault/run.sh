#!/bin/sh
# run.sh - makes each request for memory fail, one after the other (fault.c), under
# AddressSanitizer and its leak checker.
#
# Compiles by the Makefile's rules with ${CC:-gcc} into ${CDG_BUILD:-build}/asan, and runs it.
# The last line is `N passed, N failed`; the exit status is 1 if any failed, 2
# if it could not be tried.
#
# Environment: STEP (1; the default of commit and merge is 3),
# PHASE=open|check|ask|commit|merge.

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
	"$out/tests/fault/fault" || exit 2

# absurd requests for memory are refused, as by a machine that has not got it
ASAN_OPTIONS=allocator_may_return_null=1:hard_rss_limit_mb=3000:detect_leaks=1
UBSAN_OPTIONS=print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS
exec "$out/tests/fault/fault"
