"""A model server of our own on loopback: the OpenAI and the Anthropic wire format over real HTTP, with every fault.

In: what an answer should be, which faults to show. Out: answers as the real providers send them, and every request.
Scripts that read what they are given are in `reader`; what comes in batches is in a server's `batches`.
"""

from tests.model_server.batching import Ending, Operation, Outcome
from tests.model_server.server import Answer, Fault, ModelServer, Request, Script, answer_anything, running

__all__ = [
    "Answer",
    "Ending",
    "Fault",
    "ModelServer",
    "Operation",
    "Outcome",
    "Request",
    "Script",
    "answer_anything",
    "running",
]
