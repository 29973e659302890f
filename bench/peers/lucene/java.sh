# java.sh - finds the newest JDK of at least 21 (Lucene 10 asks for it), sourced
# after lib.sh by lucene and lucene-bp.  Sets JDK and LUCENE (the built folder).

LUCENE=$(dirname -- "$OUT")/lucene

# jdk_version HOME: its feature version, 0 where there is no compiler
jdk_version() {
	[ -x "$1/bin/javac" ] || { echo 0; return; }
	v=$("$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
	echo "${v:-0}"
}

# newest_jdk: sets JDK to the best of JAVA_HOME and the system's, or to nothing
newest_jdk() {
	JDK='' best=20
	for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
		v=$(jdk_version "$home")
		[ "$v" -gt "$best" ] || continue
		JDK=$home best=$v
	done
}

# find_jdk: sets JDK, by installing one where the system's packages have it
find_jdk() {
	newest_jdk
	for package in openjdk-25-jdk-headless openjdk-21-jdk-headless; do
		[ -z "$JDK" ] || return 0
		apt-cache show "$package" >/dev/null 2>&1 || continue
		apt_install "$package"
		newest_jdk
	done
	[ -n "$JDK" ] || die "no JDK of version 21 or later: install one (for example Temurin 25) and set JAVA_HOME"
}

# lucene_java MEGABYTES CLASS ARGUMENT...: becomes the JVM
lucene_java() {
	heap=$1
	shift
	newest_jdk
	[ -n "$JDK" ] || die "no JDK of version 21 or later: set JAVA_HOME"
	exec "$JDK/bin/java" -server "-Xms${heap}m" "-Xmx${heap}m" -XX:+UseParallelGC \
		-XX:-UsePerfData -Xlog:disable -Xlog:all=error:stderr \
		--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
		-Djava.util.logging.config.file="$HERE/../lucene/logging.properties" \
		-cp "$LUCENE/peer-lucene.jar:$LUCENE/lib/*" "$@"
}
