#!/bin/sh
# formats_bad.sh - each format cut short, renamed, empty, unreadable, with a password, and
# deleted while it is read: every file is in the index or listed with its reason.
exec python3 tests/extract/formats_bad.py
