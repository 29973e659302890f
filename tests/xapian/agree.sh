#!/bin/sh
# agree.sh - a Xapian database of the demo corpus gives the documents, order and
# scores that the reference backend gives, for random queries of every kind: as
# one database with deletions, and as shards.  SEED=N repeats a run.
#
# `make oracle` does the same on real corpora (tests/oracle/xapian.sh).
set -u

oracle=${CDG_BUILD:-build}/tests/oracle/t_oracle
seed=${SEED:-$(date +%s)}
bad=0

echo "seed $seed"
for how in "--deletes 20" "--segments 3"; do
	# shellcheck disable=SC2086
	if out=$(timeout 120 "$oracle" --corpus examples/demo --docs 100 --queries 400 --seed "$seed" --xapian $how 2>&1); then
		echo "ok $how: $(echo "$out" | tail -n 1)"
	else
		echo "not ok $how:"
		echo "$out" | head -n 40
		bad=1
	fi
done
exit $bad
