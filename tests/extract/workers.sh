#!/bin/sh
# workers.sh - cdg-extract --worker asked what it must not be asked, and workers that answer
# cdgindex what they must not answer.  CDG_SEED draws the same again.
exec python3 tests/extract/workers.py
