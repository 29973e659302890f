#!/bin/sh
# setup.sh - what the browser tests need, in a virtual environment below the build folder:
# playwright and axe for Python.  The browser is Debian's Chromium; none is downloaded.
#
# Usage: tests/browser/setup.sh BUILD
# Says SKIP with the reason where it cannot be done, and exits 0 all the same: the tests
# then say so too.

set -u
venv=$1/browser-venv

[ -x /usr/bin/chromium ] || { echo "SKIP: /usr/bin/chromium is missing (Debian: chromium)"; exit 0; }
"$venv/bin/python" -c 'import playwright, axe_playwright_python' 2>/dev/null && exit 0
log=$1/browser-venv.log
mkdir -p "$1"
python3 -m venv "$venv" >"$log" 2>&1 ||
	{ echo "SKIP: python3 -m venv failed (Debian: python3-venv); see $log"; exit 0; }
"$venv/bin/pip" install -q --disable-pip-version-check playwright axe-playwright-python >>"$log" 2>&1 ||
	{ echo "SKIP: playwright and axe-playwright-python cannot be installed; see $log"; exit 0; }
