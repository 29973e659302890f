# asan.sh - sourced by the tests that run a program of their own under AddressSanitizer:
# run_under_asan TIER/PROGRAM compiles it by the Makefile's rules with ${CC:-gcc} into
# ${CDG_BUILD:-build}/asan, and becomes it.

run_under_asan() {
	build=${CDG_BUILD:-build}
	case $build in
	*/asan | */tsan) build=${build%/*} ;;
	esac
	out=$build/asan
	# the flags of `make sanitize`, so that it and this share their objects
	make -s CC="${CC:-gcc}" BUILD="$out" OPT=-O1 \
		SAN="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer" \
		"$out/tests/$1" || exit 2

	# absurd requests for memory are refused, as by a machine that has not got it
	ASAN_OPTIONS=allocator_may_return_null=1:hard_rss_limit_mb=3000:detect_leaks=1
	UBSAN_OPTIONS=print_stacktrace=1
	export ASAN_OPTIONS UBSAN_OPTIONS
	exec "$out/tests/$1"
}
