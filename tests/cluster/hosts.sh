#!/bin/sh
# hosts.sh - hosts.py in namespaces of its own: network (the hosts), processes (all
# of them end with the test, however it ends) and mounts (nothing of it is seen
# outside).  Without the rights for that it is skipped, and says so.
#
# SEED=N repeats a run's queries.
set -u

cd "$(dirname "$0")/../.." || exit 2
build=${CDG_BUILD:-build}

skip() {
	echo "SKIP: $*"
	exit 0
}

for tool in ip unshare python3 xapian-tcpsrv xapian-progsrv xapian-replicate xapian-replicate-server; do
	command -v "$tool" >/dev/null || skip "$tool is missing (Debian: iproute2 xapian-tools; tools/install-deps.sh --dev)"
done
[ -e "$build/lib/libcdgsearch-xapian.so" ] || skip "built without libxapian"

new="unshare --net --mount --pid --fork --kill-child --mount-proc"
[ "$(id -u)" -eq 0 ] || new="unshare --user --map-root-user ${new#unshare }"
inside='mount -t tmpfs none /run && mkdir /run/netns'
$new sh -c "$inside && ip netns add try" 2>/dev/null ||
	skip "this user may not make network namespaces (root may)"

exec $new sh -c "$inside && exec python3 tests/cluster/hosts.py '$build'"
