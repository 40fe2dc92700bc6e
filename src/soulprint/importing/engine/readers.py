"""Members in; their batches out, read by several processes at once, as Python's lock makes the threads of one process
share a core."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any

from soulprint import errors
from soulprint.importing.engine import frames
from soulprint.importing.engine.batches import Batch
from soulprint.importing.engine.reading import Numbered

PROGRAM = "soulprint.importing.engine.reader"
PROCESSES = min(2, os.cpu_count() or 1)
"""Each takes some 40 MB, and an import is to take less than 200. Two read as much as Postgres can write."""
WORTH_IT = 48 * 1024 * 1024
"""Bytes of members from which processes are started, as each takes a fifth of a second to start."""
TASK_BYTES = 16 * 1024 * 1024
TASK_MEMBERS = 500
"""A process is given so much to read at once: at least one member."""

KILLING = 1.0
"""Seconds to wait for the end of a process that is stuck in the system."""

ALONE: dict[str, Any]
if sys.platform == "win32":
    ALONE = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
else:
    ALONE = {"start_new_session": True}
"""Ctrl-C reaches the process that imports, and it alone decides what is to end."""


def are_worth_it(members: Sequence[Numbered]) -> bool:
    """Whether the members are read faster in processes, and this program can start any."""
    return sum(each.member.size for each in members) > WORTH_IT and bool(sys.executable)


class Readers:
    """Processes that share the work of one import, the largest tasks first. They end with this process, however it
    ends."""

    def __init__(self, setup: frames.Setup, members: Sequence[Numbered]) -> None:
        self._setup = setup
        self._tasks = deque(sorted(_tasks(members), key=_size, reverse=True))
        self._processes: list[subprocess.Popen[bytes]] = []
        self._starting = threading.Lock()
        self._stopped = False

    def sources(self) -> list[Generator[Batch, None, None]]:
        """What each process reads. To be iterated in threads of their own; the processes start then. Raises what was
        raised in the process, or `errors.ReaderDied`."""
        return [self._batches() for _ in range(min(PROCESSES, len(self._tasks)))]

    def stop(self) -> None:
        """Kill the processes, which takes milliseconds; those who wait for their batches get no more."""
        with self._starting:
            self._stopped = True
            for process in self._processes:
                process.kill()
            for process in self._processes:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(KILLING)

    def _batches(self) -> Generator[Batch, None, None]:
        process = self._started()
        if process is None:
            return
        try:
            with suppress(IndexError):
                while not self._stopped:
                    yield from self._read(process, self._tasks.popleft())
        finally:
            _end(process)

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self._stopped:
                return None
            # -P: the folder that the person is in is no place to import from
            command = [sys.executable, "-P", "-m", PROGRAM]
            process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **ALONE
            )
            self._processes.append(process)
        self._send(process, self._setup)
        return process

    def _send(self, process: subprocess.Popen[bytes], message: frames.Setup | frames.Task) -> None:
        assert process.stdin is not None
        with suppress(OSError):  # that the process died shows when it is listened to
            frames.send(process.stdin, message)

    def _read(self, process: subprocess.Popen[bytes], task: frames.Task) -> Generator[Batch, None, None]:
        assert process.stdout is not None
        self._send(process, task)
        while not isinstance(answer := frames.received(process.stdout), frames.Done):
            if isinstance(answer, Batch):
                yield answer
            elif self._stopped:
                return
            else:
                raise answer if isinstance(answer, Exception) else errors.ReaderDied(reason=_fate(process))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):
                pipe.close()


def _fate(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _tasks(members: Sequence[Numbered]) -> Iterator[frames.Task]:
    task: frames.Task = []
    for each in members:
        if task and (_size(task) + each.member.size > TASK_BYTES or len(task) >= TASK_MEMBERS):
            yield task
            task = []
        task.append(each)
    if task:
        yield task


def _size(task: frames.Task) -> int:
    return sum(each.member.size for each in task)
