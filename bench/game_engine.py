"""game_engine.py: one engine of a comparison, as a process that speaks the game protocol.

A line COMMAND<TAB>query goes in, one line comes out: a number, UNSUPPORTED, or for
HITS_k the k best as id:score with blanks between (a colon, blank or per cent sign of
an id is %XX).  `Engine` starts the process, pins it, asks it and times the answer.  All
that can go wrong with it (missing, ended, silent, talking nonsense) is one exception,
EngineError; after it the engine is dead and is not asked again.  Used by compare.py
from one thread.
"""
import os
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

LINE_MAX = 64 << 20


class EngineError(Exception):
    """What an engine did wrong, with what it last said on standard error."""


class Engine:
    def __init__(self, name, command, timeout, core):
        self.name = name
        self.command = command
        self.timeout = timeout
        self.dead = None
        self.log = tempfile.TemporaryFile()
        pin = ["taskset", "-c", str(core)] if core is not None else []
        try:
            words = shlex.split(command)
        except ValueError as why:
            raise EngineError(f"{name}: cannot read the command {command!r}: {why}") from None
        if not words:
            raise EngineError(f"{name}: no command")
        if shutil.which(words[0]) is None:
            raise EngineError(f"{name}: there is no program '{words[0]}'")
        try:
            self.process = subprocess.Popen(pin + words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=self.log, bufsize=0, start_new_session=True)
        except OSError as why:
            raise EngineError(f"{name}: cannot run '{words[0]}': {why.strerror}") from None
        self.into = self.process.stdin.fileno()
        self.out = self.process.stdout.fileno()
        self.poll = select.poll()
        self.poll.register(self.out, select.POLLIN)

    def said(self):
        """The end of its standard error, in one line."""
        size = self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, size - 400))
        return " / ".join(self.log.read().decode("utf-8", "replace").split("\n")).strip(" /")

    def fail(self, what):
        """Ends it and raises EngineError."""
        self.dead = what
        self.close()
        said = self.said()
        raise EngineError(f"{self.name}: {what}" + (f"; it said: {said}" if said else ""))

    def ended(self, line):
        try:
            status = self.process.wait(5)
        except subprocess.TimeoutExpired:
            status = None
        how = ("closed its input or output" if status is None else
               f"was ended by signal {-status}" if status < 0 else f"ended with status {status}")
        self.fail(f"{how} at '{line}'")

    def ask(self, command, query):
        """(answer, nanoseconds); the time from before the write to after the whole line is read."""
        line = f"{command}\t{query}"
        raw = line.encode("utf-8") + b"\n"
        milliseconds = int(self.timeout * 1000)
        data = b""
        start = time.perf_counter_ns()
        try:
            sent = os.write(self.into, raw)
            while sent < len(raw):
                sent += os.write(self.into, raw[sent:])
        except OSError:
            self.ended(line)
        while not data.endswith(b"\n"):
            if not self.poll.poll(milliseconds):
                self.fail(f"no answer within {self.timeout:g} s (--timeout) to '{line}'")
            more = os.read(self.out, 1 << 20)
            if not more:
                self.ended(line)
            data += more
            if len(data) > LINE_MAX:
                self.fail(f"an answer without end to '{line}'")
        took = time.perf_counter_ns() - start
        if data.count(b"\n") != 1:
            self.fail(f"more than one line in answer to '{line}': {data[:60]!r}")
        try:
            return data.decode("utf-8").strip(), took
        except UnicodeDecodeError:
            return self.fail(f"the answer to '{line}' is not UTF-8: {data[:60]!r}")

    def number(self, command, query):
        """(a number or None for UNSUPPORTED, nanoseconds)"""
        answer, took = self.ask(command, query)
        if answer == "UNSUPPORTED":
            return None, took
        if not (answer.isascii() and answer.isdigit() and len(answer) < 20):
            self.fail(f"the answer to '{command} {query}' is not a number: {answer[:60]!r}")
        return int(answer), took

    def hits(self, k, query):
        """[(id, score)], best first, or None for UNSUPPORTED"""
        answer, _ = self.ask(f"HITS_{k}", query)
        if answer == "UNSUPPORTED":
            return None
        pairs = []
        for word in answer.split():
            ident, colon, score = word.rpartition(":")
            try:
                pairs.append((ident, float(score)))
            except ValueError:
                colon = ""
            if not colon:
                self.fail(f"the answer to 'HITS_{k} {query}' has '{word[:60]}', which is not id:score")
        if len(pairs) > k:
            self.fail(f"{len(pairs)} hits in answer to 'HITS_{k} {query}'")
        return pairs

    def close(self):
        """Ends it, with the processes it started."""
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except OSError:
                pass
        try:
            self.process.wait(0 if self.dead else 2)
        except subprocess.TimeoutExpired:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
            self.process.wait()
