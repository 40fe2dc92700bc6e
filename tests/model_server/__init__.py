"""A model server of our own on loopback: the OpenAI and the Anthropic wire format over real HTTP, with every fault.

In: what an answer should be, which faults to show. Out: answers as the real providers send them, and every request.
"""

from tests.model_server.server import Answer, Fault, ModelServer, Request, Script, running

__all__ = ["Answer", "Fault", "ModelServer", "Request", "Script", "running"]
