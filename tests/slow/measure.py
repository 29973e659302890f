#!/usr/bin/env python3
"""measure.py - runs a command and writes how long it took and how much memory it had.

    measure.py FILE COMMAND...    FILE gets "SECONDS PEAK": seconds, and the largest
                                  resident set in KiB, mapped pages included

Exits as the command does.
"""
import resource
import subprocess
import sys
import time

began = time.monotonic()
status = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as f:
    f.write("%.2f %d\n" % (time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status if status >= 0 else 128 - status)
