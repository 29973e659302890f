#!/bin/sh
# archive.sh - archives and mail through cdg-extract: names in old encodings, bombs of every
# kind within seconds, and what is in a tar against the same files unpacked.
. tests/cli/_common.sh

extract=$build/cdg-extract
shared=$root/../shared/raw-samples
seconds=60

# read_files FILES...: the beginnings of the lines that are printed, on both streams; never
# a crash, never longer than $seconds
read_files() {
	timeout -k 5 "$seconds" "$extract" "$@" 2>"$tmp/err" >"$tmp/out" </dev/null
	status=$?
	said=$(cut -c1-400 "$tmp/err" "$tmp/out")
	[ "$status" -le 2 ] || not_ok "reading $*: exit $status"
}

cat >"$tmp/make.py" <<'END'
import gzip, io, os, struct, sys, tarfile, zipfile, zlib

def put(name, data):
    with open(name, "wb") as f:
        f.write(data)

# the file names of a zip as its bytes are, without the mark of UTF-8
def old_zip(path, names):
    out, central = b"", b""
    for n in names:
        data = b"the text of a member\n"
        head = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(n), 0)
        central += b"PK\1\2" + struct.pack("<H", 20) + head[:24] + struct.pack("<HHHHHII", len(n), 0, 0, 0, 0, 0, len(out))[0:0]
        central += struct.pack("<HHHHHII", 0, 0, 0, 0, 0, 0, 0)[0:0]
        central += head[24:] + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + n
        out += b"PK\3\4" + head + n + data
    put(path, out + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(central), len(out), 0))

old_zip("gbk.zip", [s.encode("gbk") for s in ("政府工作报告.txt", "环境保护法/第一章 总则.txt", "数据安全.txt")])
old_zip("dos.zip", [s.encode("cp437") for s in ("Größe.txt", "Übung für Schüler.txt", "naïve.txt")])
old_zip("sjis.zip", [s.encode("shift_jis") for s in ("個人情報の保護に関する法律.txt", "附則とその他のこと.txt")])
with zipfile.ZipFile("utf8.zip", "w") as z:
    z.writestr("Größe/дата.txt", "the text of a member\n")

# a megabyte of one byte, many times: gzip files may stand one behind the other
def many(byte, gib):
    return gzip.compress(byte * (64 << 20), 9) * (gib * 16)

zeros = many(b"\0", 10)
put("zeros.gz", zeros)
put("letters.txt.gz", many(b"a", 10))
head = tarfile.TarInfo("zeros")
head.size = 10 << 30
first = tarfile.TarInfo("first.txt")
first.size = 6
put("zeros.tar.gz", gzip.compress(first.tobuf() + b"first\n".ljust(512, b"\0") + head.tobuf()) + zeros)

# a zip of zips of zips ...: 16 in each
data = b"a" * (1 << 20)
for level in range(6):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:
        for i in range(16):
            z.writestr("%d.%s" % (i, "zip" if level else "txt"), data)
    data = b.getvalue()
put("nested.zip", data)

# members that all are the same bytes
b = io.BytesIO()
with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("x.txt", b"a" * (20 << 20))
one = b.getvalue()
at = one.index(b"PK\1\2")
end = one.index(b"PK\5\6")
entry = one[at:end]
n = 5000
central = b"".join(entry[:46] + b"%05d" % i for i in range(n))
put("overlap.zip", one[:at] + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, n, n, len(central), at, 0))

put("good.txt", b"a good file\n")
END
(cd "$tmp" && python3 make.py) || not_ok "making the files"

# ---- names --------------------------------------------------------------
read_files "$tmp/gbk.zip" "$tmp/dos.zip" "$tmp/sjis.zip" "$tmp/utf8.zip"
for name in 政府工作报告.txt '环境保护法/第一章 总则.txt' 数据安全.txt Größe.txt 'Übung für Schüler.txt' naïve.txt \
	個人情報の保護に関する法律.txt 附則とその他のこと.txt Größe/дата.txt; do
	like "the name $name" "zip/$name\"" "$said"
done

# ---- bombs --------------------------------------------------------------
for file in zeros.gz letters.txt.gz zeros.tar.gz nested.zip overlap.zip; do
	read_files "$tmp/$file" "$tmp/good.txt"
	[ "$file" = overlap.zip ] || like "$file is told" "^cdg-extract: $tmp/$file" "$said"
	like "$file: what follows is read" 'good.txt"' "$said"
	[ "$file" != zeros.tar.gz ] || like "$file: what stands before them is read" '"text":"first' "$said"
	[ "$(printf '%s\n' "$said" | grep -c '^cdg-extract:')" -lt 200 ] && ok "$file: few lines" ||
		not_ok "$file: $(printf '%s\n' "$said" | grep -c '^cdg-extract:') lines"
done

# ---- odd names and files ------------------------------------------------
cp "$tmp/utf8.zip" "$tmp/renamed.pdf"
read_files "$tmp/renamed.pdf"
like "a zip that is named .pdf" 'renamed.pdf/Größe/дата.txt' "$said"
: >"$tmp/empty.7z"
read_files "$tmp/empty.7z"
like "an empty file" 'empty.7z.*an empty file' "$said"
if command -v 7z >/dev/null; then
	(cd "$tmp" && 7z a -bd -psecret -mhe=on locked.7z good.txt >/dev/null && 7z a -bd -tzip -psecret locked.zip good.txt >/dev/null)
	read_files "$tmp/locked.7z" "$tmp/locked.zip"
	like "a 7z with a password" 'locked.7z: encrypted' "$said"
	like "a zip with a password" 'locked.zip/good.txt: encrypted' "$said"
else
	skip "no 7z: archives with a password"
fi

# ---- nothing is opened while reading --------------------------------------
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	printf 'From: =?iso-8859-15?Q?=A4?= <a@b>\nSubject: =?euc-kr?B?x9GxuQ==?=\nTo: a@b\nDate: Tue, 1 Feb 2022 10:00:00 +0100\nContent-Type: text/plain; charset=koi8-r\n\n\360\322\311\n' >"$tmp/m.eml"
	head -c 100000 "$tmp/zeros.tar.gz" >"$tmp/short.tar.gz"
	strace -f -e trace=openat,open,seccomp -o "$tmp/trace" "$extract" "$tmp/m.eml" "$tmp/gbk.zip" "$tmp/short.tar.gz" >/dev/null 2>&1
	like "the worker shuts itself in" 'seccomp\(SECCOMP_SET_MODE_FILTER' "$(cat "$tmp/trace")"
	is "files opened by the worker from then on" "" "$(awk '/seccomp\(SECCOMP_SET_MODE_FILTER/ { in_[$1] = 1 } /open/ && in_[$1]' "$tmp/trace")"
else
	skip "no strace: files that are opened while reading"
fi

# ---- real files -----------------------------------------------------------
if [ -d "$shared" ]; then
	for file in "$shared"/archives/* "$shared"/eml/* "$shared"/news/*; do
		read_files "$file"
		[ -n "$said" ] || not_ok "$file: nothing is said"
	done
	ok "the samples of archives, mail and news"
	like "a quine of gzip ends" 'more than 8 deep' "$("$extract" "$shared/archives/quine.gz" 2>&1)"
	(cd "$shared" && tar -cf "$tmp/t.tar" md txt html json && gzip -k "$tmp/t.tar")
	(cd "$shared" && "$extract" md/* txt/* html/* 2>/dev/null) >"$tmp/plain"
	for kind in tar tar.gz; do
		(cd "$tmp" && "$extract" t.$kind 2>/dev/null) >"$tmp/packed"
		is "the documents of t.$kind are those of the folder" "" "$(python3 - "$tmp/plain" "$tmp/packed" "t.$kind/" <<'END'
import json, sys
def load(path, prefix):
    docs = {}
    for line in open(path, encoding="utf-8"):
        d = json.loads(line)
        docs[d["path"].removeprefix(prefix)] = (d.get("title"), d["text"])
    return docs
a, b = load(sys.argv[1], ""), load(sys.argv[2], sys.argv[3])
for k in sorted(set(a) | set(b)):
    if k.startswith("json/"):
        continue
    if a.get(k) != b.get(k):
        print(k, "differs" if k in a and k in b else "only in one")
END
)"
	done
else
	skip "no ../shared/raw-samples: real archives and mail"
fi
finish
