"""Programs of others, run under a watchdog: lines in, lines out, limits on time and memory, every failure typed.

One loop serves many programs at once, so that none can hold up another; nothing here blocks without a deadline. The
limits stop accidents, not malice: a program can still use the network and the user's files.
"""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .policy import Forfeit

LONGEST_LINE = 1 << 16  # bytes of one answer
STDERR_KEPT = 2048  # bytes, to say what a program died of
CHECK_SECONDS = 0.02  # between looks at the memory of programs that are waited for
CLOSE_SECONDS = 0.5  # a program gets this long to end by itself when its input ends
PASSED_ON = (
    "CUDA_VISIBLE_DEVICES", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV",
)  # fmt: skip
"""Environment variables that a program sees; what else is there may be none of its business."""
# No core dumps; a hard stop at twice the memory allowed, for what is taken faster than the watchdog looks.
LAUNCHER = 'ulimit -c 0; [ "$1" = 0 ] || ulimit -d "$1" 2>/dev/null; shift; exec "$@"'
OUT_OF_MEMORY = ("MemoryError", "bad_alloc", "out of memory", "Cannot allocate memory")


@dataclass(frozen=True)
class Limits:
    """What a program may take: wall-clock `seconds` a decision and `start` until it is ready, `memory` MiB (0: any)."""

    seconds: float = 1.0
    start: float = 30.0
    memory: int = 2048


@dataclass(frozen=True)
class Failure:
    """What a program did wrong, typed and in words."""

    kind: Forfeit
    why: str


class Program:
    """One running program. `say` sends a line, `listen` (below) waits for the answers of several."""

    def __init__(self, command: Sequence[str], limits: Limits, folder: str):
        self.memory = limits.memory * 2**20
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", LAUNCHER, "sh", str(2 * limits.memory * 1024), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=folder,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            start_new_session=True,  # it is ended with all the processes it started
        )
        pipes = (self.process.stdin, self.process.stdout, self.process.stderr)
        self.stdin, self.stdout, self.stderr = (pipe.fileno() for pipe in pipes if pipe is not None)
        for pipe in (self.stdin, self.stdout, self.stderr):
            os.set_blocking(pipe, False)
        self.unsent, self.heard, self.complaint = b"", b"", b""
        self.ended = False  # its output has ended

    def say(self, line: str) -> None:
        """Sends a line, or as much of it as the program takes now; `listen` sends the rest."""
        self.unsent += line.encode() + b"\n"
        self.write()

    def write(self) -> None:
        """Sends what it takes. A program that reads no more is found out when it is asked something."""
        with contextlib.suppress(BlockingIOError):
            while self.unsent:
                try:
                    self.unsent = self.unsent[os.write(self.stdin, self.unsent) :]
                except BrokenPipeError:
                    self.unsent = b""

    def read(self) -> None:
        """Takes what it has said, at most a little more than the longest line, and the end of its complaints."""
        with contextlib.suppress(BlockingIOError):
            while len(self.heard) <= LONGEST_LINE and not self.ended:
                said = os.read(self.stdout, LONGEST_LINE)
                self.heard += said
                self.ended = not said
        self.read_complaints()

    def read_complaints(self) -> None:
        """The latest of what it wrote to stderr; a flood is read on at the next look."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(4):
                said = os.read(self.stderr, LONGEST_LINE)
                if not said:
                    return
                self.complaint = (self.complaint + said)[-STDERR_KEPT:]

    def answer(self) -> str | Failure | None:
        """The line it has answered with, what is wrong, or None: it has not answered yet."""
        line, newline, rest = self.heard.partition(b"\n")
        if len(line) > LONGEST_LINE:
            return Failure(Forfeit.ILLEGAL, f"answered with more than {LONGEST_LINE:,} bytes without an end of line")
        if newline:
            self.heard = b""
            if rest:
                return Failure(Forfeit.ILLEGAL, "answered with more than one line")
            return line.decode(errors="replace")
        if self.ended:
            return self._death()
        return self.memory_failure()

    def spoke_unasked(self) -> Failure | None:
        """What is wrong with a program that has something in its output before it is asked."""
        self.read()
        if self.heard:
            return Failure(Forfeit.ILLEGAL, f"wrote {self.heard[:60]!r} without being asked")
        return self._death() if self.ended else None

    def memory_failure(self) -> Failure | None:
        """What is wrong if it and the processes it started hold more memory than allowed."""
        if self.memory and (used := resident(self.process.pid)) > self.memory:
            return Failure(Forfeit.MEMORY, f"holds {used >> 20:,} MiB, {self.memory >> 20:,} MiB are allowed")
        return None

    def _death(self) -> Failure:
        """How it ended, with its last words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(CLOSE_SECONDS)
        self.read_complaints()
        words = self.complaint.decode(errors="replace").strip().splitlines()
        last = f": {words[-1].strip()}" if words else ""
        status = self.process.returncode
        if any(sign in self.complaint.decode(errors="replace") for sign in OUT_OF_MEMORY):
            return Failure(Forfeit.MEMORY, f"ended with status {status}{last}")
        if status is None:
            return Failure(Forfeit.CRASH, f"closed its output{last}")
        return Failure(Forfeit.CRASH, f"ended with status {status}{last}")

    def kill(self) -> None:
        """Ends it and all it started, now."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def close(self) -> None:
        """Ends its input, and the program if that does not end it."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(CLOSE_SECONDS)
        self.kill()


def listen(programs: Mapping[int, Program], seconds: float) -> dict[int, str | Failure]:
    """The answer of each program (by any number), or its failure; each has `seconds` from now."""
    answers: dict[int, str | Failure] = {}
    until = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for number, program in programs.items():
            selector.register(program.stdout, selectors.EVENT_READ, number)
            if program.unsent:
                selector.register(program.stdin, selectors.EVENT_WRITE, number)
        while len(answers) < len(programs):
            left = until - time.monotonic()
            ready = selector.select(max(0.0, min(left, CHECK_SECONDS)))
            waiting = {key.data for key, _ in ready}
            if not ready:  # nobody has anything to say: look after all who are waited for
                waiting = set(programs)
            for number in sorted(waiting - set(answers)):
                program = programs[number]
                if program.unsent:
                    program.write()
                    if not program.unsent:
                        selector.unregister(program.stdin)
                program.read()
                if (answer := program.answer()) is not None:
                    answers[number] = answer
                    selector.unregister(program.stdout)
                    if program.unsent:
                        selector.unregister(program.stdin)
            if left < 0:
                for number in set(programs) - set(answers):
                    answers[number] = Failure(Forfeit.TIMEOUT, f"no answer within {seconds:g} s")
    return answers


def resident(process: int) -> int:
    """Bytes of memory a process and its descendants hold; 0 where the system does not say (no /proc)."""
    total, family = 0, [process]
    while family:
        one = family.pop()
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            family += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except (OSError, IndexError):  # it has ended meanwhile
            continue
    return total


def found(command: Sequence[str], folder: str) -> bool:
    """Whether the command's program is there and may be run."""
    if "/" in command[0]:
        return os.access(Path(folder) / command[0], os.X_OK)
    return shutil.which(command[0]) is not None
