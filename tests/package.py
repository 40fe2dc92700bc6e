"""Builds the wheel, installs it in a clean environment and boots it there: what a person gets is what is checked."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "ines-chatgpt-export.zip"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="soulprint-package-") as folder:
        Path(folder).chmod(0o711)  # or root's database would lie elsewhere, and stay there
        wheel = build(Path(folder))
        bin_folder = install(wheel, Path(folder) / "env")
        soulprint = bin_folder / ("soulprint.exe" if sys.platform == "win32" else "soulprint")
        environment = {**os.environ, "SOULPRINT_HOME": str(Path(folder) / "home")}
        report = json.loads(output(soulprint, "import", EXAMPLE, "--json", env=environment))
        assert report["imported"] >= 80, report
        assert report["full_pass"]["status"] == "complete", report
        assert report["profile_version"] == report["full_pass"]["version"] == 2, report
        profile = json.loads(output(soulprint, "profile", "--json", env=environment))
        assert profile["sections"]["user"], profile
        boot(soulprint, environment)
    print(f"{wheel.name}: built, installed in a clean environment, imported the example and served the page.")


def build(folder: Path) -> Path:
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    [wheel] = folder.glob("*.whl")
    return wheel


def install(wheel: Path, environment: Path) -> Path:
    """The locked dependencies and the wheel in a new environment; gives its folder of programs."""
    venv.create(environment, with_pip=True)
    programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
    pip = (programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock")
    run(*pip, "--no-deps", wheel)
    run(programs / "python", "-m", "pip", "check")
    return programs


def boot(soulprint: Path, environment: dict[str, str]) -> None:
    """Serve, fetch the profile page, stop, and expect a clean end."""
    port = free_port()
    server = subprocess.Popen([soulprint, "up", "--no-open", "--port", str(port)], env=environment)
    try:
        page = fetch(f"http://127.0.0.1:{port}/profile")
        assert 'id="soul"' in page, page[:500]
    finally:
        server.terminate()
        status = server.wait(timeout=30)
    assert status == 0, f"soulprint up ended with {status}"


def fetch(url: str, patience: float = 60.0) -> str:
    deadline = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on, and that the system gives no connection before somebody does."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)


def output(*command: str | Path, env: dict[str, str]) -> str:
    done = subprocess.run([str(part) for part in command], check=True, env=env, stdout=subprocess.PIPE, text=True)
    return done.stdout


if __name__ == "__main__":
    main()
