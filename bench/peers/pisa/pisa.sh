# pisa.sh - the driver in its virtual environment; sourced after lib.sh.

# pisa_python ARGUMENT...: becomes the driver, which needs libtbb.so.2 of the environment
pisa_python() {
	LD_LIBRARY_PATH=$OUT/venv/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	export LD_LIBRARY_PATH
	exec "$OUT/venv/bin/python" -I -B "$OUT/peer.py" "$@"
}
