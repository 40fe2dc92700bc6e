"""`python -m tests.model_server --port 9999`: the server by itself, for benches. `GET /figures` tells what came in."""

from __future__ import annotations

import argparse
import threading

from tests.model_server import answer_anything, reader, running

SCRIPTS = {
    "anything": answer_anything,
    "plausible": reader.plausible,
    "fabricating": reader.fabricating,
    "quoting-assistants": reader.quoting_assistants,
    "obedient": reader.obedient,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.model_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--jitter", type=float, default=0.0, help="share of the latency, 0 to 1")
    parser.add_argument("--script", choices=sorted(SCRIPTS), default="anything", help="what it answers")
    options = parser.parse_args()
    script = SCRIPTS[options.script]
    with running(
        options.port, latency=options.latency, jitter=options.jitter, script=script, is_forgetful=True
    ) as server:
        print(f"OPENAI_BASE_URL={server.url}/v1 ANTHROPIC_BASE_URL={server.url} key: {server.key}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(", ".join(f"{count:,} {name}" for name, count in server.figures().items()))


if __name__ == "__main__":
    main()
