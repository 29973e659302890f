#!/bin/sh
# install-deps.sh - says which Debian packages the build lacks, and installs them.
#
# Usage: tools/install-deps.sh [--dev] [--check]
#   --dev    also what tests, measurements and documentation need
#   --check  only say what is missing (exit 1 if anything is), install nothing
#
# Silent and without network when nothing is missing, so `make demo` can call
# it every time.  CDG_NO_INSTALL=1 turns it off, for systems where the
# libraries come from elsewhere.  Exit: 0 all is there, 1 missing, 2 cannot.

set -u

# libc6-dev is only recommended by gcc, and we install without recommendations.
build="gcc libc6-dev make pkg-config libstemmer-dev liblz4-dev libxxhash-dev libicu-dev
	libzstd-dev zlib1g-dev liblzma-dev libxml2-dev libcmocka-dev python3
	g++ libxapian-dev xapian-tools
	libpoppler-glib-dev poppler-data libarchive-dev libgmime-3.0-dev libseccomp-dev libbrotli-dev
	libmicrohttpd-dev libcurl4-openssl-dev"
devel="clang libomp-dev zstd python3-zstandard sqlite3 libsqlite3-dev xapian-omega iproute2 mandoc
	chromium python3-venv curl"

say() {
	echo "install-deps.sh: $*" >&2
}

die() {
	say "$*"
	exit 2
}

usage() {
	sed -n '2,/^$/{/^#/s/^# \{0,1\}//p;}' "$0"
}

dev=false
check=false
for arg in "$@"; do
	case $arg in
	--dev) dev=true ;;
	--check) check=true ;;
	-h | --help)
		usage
		exit 0
		;;
	*) die "unknown argument '$arg' (try --help)" ;;
	esac
done

if [ "${CDG_NO_INSTALL:-}" = 1 ]; then
	say "CDG_NO_INSTALL=1: packages are not checked"
	exit 0
fi

wanted=$build
$dev && wanted="$wanted $devel"

if ! command -v dpkg >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
	say "this is not a Debian system, so nothing can be checked or installed here."
	say "Provide what these Debian packages hold, then set CDG_NO_INSTALL=1:"
	# shellcheck disable=SC2086
	echo $wanted >&2
	exit 2
fi

# dpkg -s also succeeds for packages that were removed and left their settings.
installed() {
	LC_ALL=C dpkg -s "$1" 2>/dev/null | grep -q '^Status: .* ok installed$'
}

# missing PACKAGE...: prints those that are not installed, on one line.
missing() {
	list=
	for package in "$@"; do
		installed "$package" || list="$list $package"
	done
	echo "${list# }"
}

# The sanitizers' runtime of clang is a package with the version in its name;
# `clang` itself says which version that is.  Releases before Debian 12 ship
# the runtime with the compiler and have no such package.
clang_runtime() {
	version=$(LC_ALL=C dpkg -s clang 2>/dev/null |
		sed -n 's/^Depends:.*clang-\([0-9][0-9]*\).*/\1/p')
	[ -n "$version" ] || return 0
	apt-cache show "libclang-rt-$version-dev" >/dev/null 2>&1 &&
		echo "libclang-rt-$version-dev"
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		env DEBIAN_FRONTEND=noninteractive "$@"
	elif [ -t 0 ]; then
		sudo env DEBIAN_FRONTEND=noninteractive "$@"
	else
		sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
	fi
}

updated=false
install() {
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
		die "these packages are missing, and neither root nor sudo is at hand. As root, run:
    apt-get update && apt-get install -y --no-install-recommends $*"
	fi
	say "installing: $*"
	if ! $updated; then
		# Old lists may still do, so a failed update alone is no reason to stop.
		as_root apt-get -q -o DPkg::Lock::Timeout=300 update >&2 ||
			say "apt-get update failed; going on with the lists that are there"
		updated=true
	fi
	as_root apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
		install --no-install-recommends "$@" >&2 ||
		die "apt-get could not install: $* (its message is above)"
}

# shellcheck disable=SC2086
lack=$(missing $wanted)
if $dev && installed clang; then
	# shellcheck disable=SC2046
	more=$(missing $(clang_runtime))
	lack="$lack${more:+ $more}"
	lack=${lack# }
fi

if [ -z "$lack" ]; then
	exit 0
fi
if $check; then
	say "missing: $lack"
	exit 1
fi

# shellcheck disable=SC2086
install $lack
if $dev; then
	# clang may only be here since a moment ago, and name its runtime only now
	# shellcheck disable=SC2046
	more=$(missing $(clang_runtime))
	# shellcheck disable=SC2086
	[ -z "$more" ] || install $more
fi

# shellcheck disable=SC2086
lack=$(missing $wanted)
[ -z "$lack" ] || die "still missing after the installation: $lack"
