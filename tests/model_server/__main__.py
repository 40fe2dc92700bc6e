"""`python -m tests.model_server --port 9999`: the server by itself, for benches."""

from __future__ import annotations

import argparse
import threading

from tests.model_server import running


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.model_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--jitter", type=float, default=0.0, help="share of the latency, 0 to 1")
    options = parser.parse_args()
    with running(options.port, latency=options.latency, jitter=options.jitter) as server:
        print(f"OPENAI_BASE_URL={server.url}/v1 ANTHROPIC_BASE_URL={server.url} key: {server.key}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{len(server.requests)} requests, {server.input_tokens} tokens in, {server.output_tokens} out")


if __name__ == "__main__":
    main()
