#!/bin/sh
# header.sh - every function of xapian_c.h is called in a test; exceptions are caught
# in one place; the header stands alone, in C and in C++.

set -u
header=backend/xapian/xapian_c.h
bad=0

result() {
	if [ "$1" -eq 0 ]; then
		echo "ok $2"
	else
		echo "not ok $2"
		bad=1
	fi
}

names=$(sed -n 's/^[a-z].*[ *]\(xapc_[a-z0-9_]*\)(.*/\1/p' $header | sort -u)
[ "$(echo "$names" | wc -l)" -gt 250 ]
result $? "the header declares its functions as this script expects"
lack=
for f in $names; do
	# called, not only named
	grep -Eq "(^|[^a-z_])$f\(" tests/xapian/t_*.c tests/xapian/xtest.h || lack="$lack $f"
done
[ -z "$lack" ]
result $? "each of the $(echo "$names" | wc -l) functions is called in a test${lack:+, but for:$lack}"

where=$(grep -l '\bcatch (' backend/xapian/*.cc backend/xapian/*.hh | tr '\n' ' ')
[ "$where" = "backend/xapian/error.cc backend/xapian/xapc.hh " ]
result $? "exceptions end in one place (catch in: $where)"

for std in c99 c11 c17; do
	printf '#include "xapian_c.h"\nint main(void) { return xapc_version() == 0; }\n' |
		${CC:-gcc} -std=$std -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -fsyntax-only \
			-Ibackend/xapian -x c -
	result $? "compiles alone as $std"
done
if command -v "${CXX:-g++}" >/dev/null 2>&1; then
	printf '#include "xapian_c.h"\nint main() { return !xapc_version(); }\n' |
		${CXX:-g++} -std=c++11 -Wall -Wextra -Werror -fsyntax-only -Ibackend/xapian -x c++ -
	result $? "compiles alone as C++"
fi
[ -f "${CDG_BUILD:-build}/lib/libxapian-c.so" ] ||
	echo "SKIP: the library itself is not tested, libxapian-dev or a C++ compiler is missing"
exit $bad
