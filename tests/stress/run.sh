#!/bin/sh
# run.sh - readers against a writer that commits all the time (stress.c), under
# ThreadSanitizer.
#
# Compiles by the Makefile's rules with ${CC:-clang} into ${CDG_BUILD:-build}/tsan, and runs it.
# The last line is `N passed, N failed`; the exit status is 1 if any failed, 2
# if it could not be tried.
#
# Environment: SEED, SECONDS (20), READERS (3), THREADS (2) of the writer.
#
# gcc's OpenMP runtime is unknown to ThreadSanitizer and each barrier of it would
# be reported; clang's tells what orders what through libarcher.  Where that is
# missing the library is built without OpenMP: what runs in parallel then are the
# readers and the writer's own threads.

set -u

cd "$(dirname "$0")/../.." || exit 2
build=${CDG_BUILD:-build}
case $build in
*/asan | */tsan) build=${build%/*} ;;
esac
case ${CC:-clang} in
*clang*) cc=${CC:-clang} ;;
*) cc=clang ;;
esac
if ! command -v "$cc" >/dev/null; then
	echo "SKIP: stress: there is no clang, and gcc's OpenMP makes false reports"
	echo "0 passed, 0 failed"
	exit 0
fi
omp=$(dirname "$(readlink -f "$("$cc" -print-file-name=libomp.so)")")
out=$build/tsan
archer=$(ls "$omp/libarcher.so" /usr/lib/llvm-*/lib/libarcher.so 2>/dev/null | head -n 1)
if [ -n "$archer" ]; then
	OMP_TOOL_LIBRARIES=$archer
	export OMP_TOOL_LIBRARIES
	set --
else
	echo "stress: no libarcher: built without OpenMP"
	out=$build/tsan/no-openmp
	set -- OPENMP=
fi
make -s CC="$cc" BUILD="$out" OPT=-O1 SAN=-fsanitize=thread "$@" "$out/tests/stress/stress" || exit 2
TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=1" THREADS=${THREADS:-2} exec "$out/tests/stress/stress"
