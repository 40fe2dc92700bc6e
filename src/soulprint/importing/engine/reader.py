"""The program of a process that reads members for an import: tasks in by its standard input, batches out by its
standard output. It ends when its input does, and so never outlives the process it reads for."""

from __future__ import annotations

import os
import queue
import sys
import threading
from contextlib import suppress
from typing import BinaryIO

from soulprint import errors
from soulprint.importing.engine import frames
from soulprint.importing.engine.reading import Reading


def main() -> None:
    tasks: queue.SimpleQueue[frames.Task] = queue.SimpleQueue()
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what is printed by mistake is no answer
    setup = frames.received(sys.stdin.buffer)
    if isinstance(setup, frames.Setup):
        threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
        _work(Reading(setup.account, setup.scratch, setup.stored), tasks, answers)


def _listen(tasks: queue.SimpleQueue[frames.Task]) -> None:
    while isinstance(task := frames.received(sys.stdin.buffer), list):
        tasks.put(task)
    os._exit(0)


def _work(reading: Reading, tasks: queue.SimpleQueue[frames.Task], answers: BinaryIO) -> None:
    try:
        while True:
            for batch in reading.batches(tasks.get()):
                frames.send(answers, batch)
            frames.send(answers, frames.Done())
    except (errors.SoulprintError, OSError) as error:
        _tell(answers, error)
    except Exception as error:  # noqa: BLE001
        _tell(answers, errors.ReaderDied(reason=type(error).__name__))
    os._exit(1)  # without waiting for the thread that listens


def _tell(answers: BinaryIO, error: Exception) -> None:
    with suppress(OSError):  # nobody waits for an answer any more
        frames.send(answers, error)


if __name__ == "__main__":
    main()
