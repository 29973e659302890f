#!/bin/sh
# setup.sh - what the browser tests need, in a virtual environment below the build folder:
# playwright and axe for Python.  The browser is Debian's Chromium; none is downloaded.
#
# Usage: tests/browser/setup.sh BUILD
# Says SKIP with the reason where it cannot be done, and exits 0 all the same: the tests
# then say so too.

set -u
venv=$1/browser-venv

log=$1/browser-venv.log
mkdir -p "$1"
[ -x /usr/bin/chromium ] || { echo "SKIP: /usr/bin/chromium is missing (Debian: chromium)"; exit 0; }
"$venv/bin/python" -c 'import playwright, axe_playwright_python' 2>/dev/null || {
	python3 -m venv "$venv" >"$log" 2>&1 ||
		{ echo "SKIP: python3 -m venv failed (Debian: python3-venv); see $log"; exit 0; }
	"$venv/bin/pip" install -q --disable-pip-version-check playwright axe-playwright-python >>"$log" 2>&1 ||
		{ echo "SKIP: playwright and axe-playwright-python cannot be installed; see $log"; exit 0; }
}

# a browser that cannot start here (no shared memory, no namespaces) is no fault of the page
"$venv/bin/python" - >>"$log" 2>&1 <<'EOF' || echo "SKIP: /usr/bin/chromium does not start here; see $log"
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    browser.new_page().goto("data:text/html,x")
    browser.close()
EOF
