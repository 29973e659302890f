#!/bin/sh
# docs.sh - the program in docs/xapian-c.md, with nothing but what `make install`
# installs and the flags of pkg-config, finds what the text says.

set -u
build=${CDG_BUILD:-build}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
bad=0

result() {
	if [ "$1" -eq 0 ]; then
		echo "ok $2"
	else
		echo "not ok $2"
		bad=1
	fi
}

if [ ! -f "$build/lib/libxapian-c.so" ]; then
	echo "SKIP: libxapian-c.so was not built, libxapian-dev or a C++ compiler is missing"
	exit 0
fi
sed -n '/^```c example/,/^```$/p' docs/xapian-c.md | sed '1d;$d' >"$work/example.c"
lines=$(wc -l <"$work/example.c")
[ "$lines" -gt 20 ] && [ "$lines" -le 60 ]
result $? "the program has at most 60 lines ($lines)"

# As installed, below a folder of its own.
mkdir -p "$work/usr/lib" "$work/usr/include"
cp -P "$build"/lib/libxapian-c.so* "$work/usr/lib"
cp backend/xapian/xapian_c.h "$work/usr/include"
sed -e "s|^prefix=.*|prefix=$work/usr|" -e "s|^libdir=.*|libdir=$work/usr/lib|" \
	"$build/lib/xapian-c.pc" >"$work/usr/lib/xapian-c.pc"
export PKG_CONFIG_PATH="$work/usr/lib"
# the library may be one with sanitizers, of which the program must then have the runtime
san=
if nm -D "$build/lib/libxapian-c.so" | grep -q __asan_init; then
	san="-fsanitize=address,undefined"
fi
# shellcheck disable=SC2046,SC2086
${CC:-gcc} -std=c11 -Wall -Wextra -Werror $san "$work/example.c" $(pkg-config --cflags --libs xapian-c) -o "$work/example"
result $? "it compiles with -std=c11 -Wall -Wextra -Werror and pkg-config's flags"
cd "$work" || exit 2
got=$(LD_LIBRARY_PATH="$work/usr/lib" ./example 2>&1)
result $? "it runs"
want=$(sed -n '/^```text example/,/^```$/p' "$OLDPWD/docs/xapian-c.md" | sed '1d;$d')
[ "$got" = "$want" ]
result $? "it prints what the text says"
[ "$got" = "$want" ] || printf 'want: %s\ngot:  %s\n' "$want" "$got"
exit $bad
