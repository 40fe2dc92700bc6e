"""The program in processes of its own, as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.package import fetch

SOULPRINT = Path(sys.executable).with_name("soulprint")
EXAMPLE = Path(__file__).parents[2] / "examples" / "ines-chatgpt-export.zip"
INHERITED = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP")


class Program:
    """The program with a home and an environment of its own; without vectors, which take both processors a while,
    unless `environment` asks for them."""

    def __init__(self, home: Path, **environment: str) -> None:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        _let_pass(home)
        self.home = home
        own = {"SOULPRINT_HOME": str(home), "SOULPRINT_MODEL_EMBED": "off", "COLUMNS": "200"}
        self.environment = inherited | own | environment

    def run(self, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [str(part) for part in (SOULPRINT, *arguments)]
        return subprocess.run(command, env=self.environment | more, capture_output=True, text=True, timeout=120)

    def json(self, *arguments: str | Path) -> Any:
        """What a command that succeeds prints with `--json`."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        command = [str(part) for part in (SOULPRINT, *arguments)]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def serving(self, port: int) -> Serving:
        return Serving(self, port)


def _let_pass(home: Path) -> None:
    """Let the account that runs root's database pass, or it would lie elsewhere and stay there."""
    for folder in (home, *home.parents) if sys.platform != "win32" else ():
        if folder.exists() and folder.stat().st_uid == os.getuid() and folder.is_relative_to(tempfile.gettempdir()):
            folder.chmod(folder.stat().st_mode | 0o111)


class Serving:
    """`soulprint up` for as long as the block runs, answering when the block begins."""

    def __init__(self, program: Program, port: int) -> None:
        self._program = program
        self._port = port
        self.address = f"http://127.0.0.1:{port}"

    def __enter__(self) -> Serving:
        self.process = self._program.start("up", "--no-open", "--port", str(self._port))
        try:
            fetch(f"{self.address}/api/v1/health")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(fetch(f"{self.address}/api/v1/status"))
        return found

    def until(self, met: Callable[[dict[str, Any]], bool], patience: float = 60.0) -> dict[str, Any]:
        """The first status that meets the condition."""
        deadline = time.monotonic() + patience
        while not met(status := self.status()):
            assert time.monotonic() < deadline, status
            time.sleep(0.05)
        return status
