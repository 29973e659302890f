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
. tests/common/asan.sh
run_under_asan fault/fault
