"""What a first profile can rest on: everything measured, the statements with their messages, the claims, a sample."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from soulprint import errors, llm, reading, records
from soulprint.database import Database
from soulprint.llm import masking, minilm
from soulprint.measuring import declared, languages, requests, statements, store, style, topics, words
from soulprint.measuring.requests import Requests
from soulprint.measuring.statements import Statement
from soulprint.measuring.style import Style
from soulprint.measuring.topics import Topic
from soulprint.measuring.traits import Trait, traits
from soulprint.measuring.words import Typed
from soulprint.quick_pass.share import Share
from soulprint.reading import Said, Talk
from soulprint.reading.sample import Transcript, sample
from soulprint.records.sections import Quote
from soulprint.settings import Settings

WITHOUT_EMBEDDER = "The in-process embedder is not installed, so fewer sentences are quoted: install the extra `local`."

WITHOUT_WORDS = (
    "None of these conversations holds words of your own that a profile could rest on: files, roles that are played, "
    "and commands to coding agents don't count as what you say of yourself."
)

SAMPLE_SHARE = 0.7
"""Of the prompt's token budget; the rest is for instructions, figures, statements and claims."""

TURNS, HEAD = 8, 2000
"""Of each conversation that many first messages, and of each that many code points, are offered to the sample."""

PLAIN = 200
"""Plain declarations that are kept, the newest."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """What a model is to read of the conversations."""

    tokens: int
    """The size of the sample, 0 for none."""
    conversations: int | None = None
    """The most that it is taken from."""
    is_typed: bool = False
    """Whether each message ends, and can be cited, only where what the person typed themself ends."""

    def head(self, text: str) -> str:
        """What is offered to the sample of a message."""
        return text[: declared.typed_until(text)] if self.is_typed else text[:HEAD]


NO_SAMPLE = Sampling(0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a person's history, without a language model having seen it."""

    style: Style
    topics: list[Topic]
    """The largest first."""
    requests: Requests
    statements: list[Statement]
    """What the person says of themself, the surest first."""
    claims: list[records.Claim]
    """The newest first."""
    said: dict[int, Said]
    """The messages that statements stand in, by id."""
    talks: dict[uuid.UUID, Talk]
    """All conversations, oldest first."""
    note: str | None = None
    """What the reader should know of how it was gathered."""
    traits: list[Trait] = field(default_factory=list)
    """The measured style in sentences."""
    sample: Transcript | None = None
    """What a model reads of the conversations; None where no model does."""

    @property
    def conversations_total(self) -> int:
        return len(self.talks)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that a profile could rest on."""
        return not self.style.messages and not self.claims

    def quote(self, statement: Statement, start: int = 0, end: int | None = None) -> Quote:
        """The statement, or its code points from `start` to `end`, with the message it stands in."""
        said = self.said[statement.message]
        text = statement.text[start:end]
        return self.span(said, statement.start + start, text)

    def span(self, said: Said, start: int, text: str) -> Quote:
        """`text`, which stands in the message from the code point `start` on, as a quote."""
        talk = self.talks.get(said.conversation_id)
        return Quote(
            message_id=said.message_id,
            conversation_id=said.conversation_id,
            title=talk.title if talk else None,
            said_at=said.sent_at or (talk.started_at if talk else None),
            start=start,
            end=start + len(text),
            text=text,
        )


async def gather(db: Database, account: uuid.UUID, settings: Settings, sampling: Sampling | None = None) -> Evidence:
    """Read the whole history once and measure it. The thinking is done in threads, so that the server goes on serving.

    The sample is what the model of the first profile can read, where `sampling` says nothing else. Raises
    `errors.EmbedderTampered`; where the embedder is only missing, rules alone choose the statements and the note says
    so.
    """
    loading = asyncio.create_task(asyncio.to_thread(load))
    talks = await reading.talks(db, account)
    claims = await reading.claims(db, account)
    history = Pass(talks, sampling or Sampling(_sample_tokens(settings)))
    async for batch in reading.said(db, account):
        await asyncio.to_thread(history.read, batch)
    embedder = await loading
    ranking = asyncio.to_thread(history.ranked, embedder)
    ranked, counted = await asyncio.gather(ranking, asyncio.to_thread(history.counted))
    async with db.session(account) as session:
        await store.keep(session, account, store.Portrait(counted[0], tuple(counted[1])))
    return await asyncio.to_thread(history.evidence, claims, ranked, counted, with_embedder=embedder is not None)


def _sample_tokens(settings: Settings) -> int:
    local = llm.is_local(settings, llm.Role.QUICK)
    return 0 if local else round(settings.quick_tokens * SAMPLE_SHARE)


def load() -> minilm.Embedder | None:
    """The small models of this process, which take a second or two to load for the first time. Gives the embedder, None
    where it isn't installed. Raises `errors.EmbedderTampered`."""
    languages.model()
    try:
        return minilm.Embedder.load()
    except errors.EmbedderMissing:
        return None


class Pass:
    """One pass over the messages, batch by batch."""

    def __init__(self, talks: dict[uuid.UUID, Talk], sampling: Sampling = NO_SAMPLE) -> None:
        self._talks = talks
        self._sampling = sampling
        self._offered: list[Said] = []
        self._turns: Counter[uuid.UUID] = Counter()
        self._style = style.Measurer()
        self._topics = topics.Collector(talks)
        self._requests = requests.Counting()
        self._share = Share(talks.values())
        self._found: list[statements.Candidate] = []
        self._plain: list[Statement] = []
        self._said: dict[int, Said] = {}

    def read(self, batch: Sequence[Said]) -> None:
        """Measure a batch, and keep the sentences that may say something of the person."""
        typed = words.typed(batch)
        self._style.add(typed)
        self._requests.add(typed)
        searched = [message for message in typed if self._share.holds(message.said)]
        self._topics.add(searched)
        for message in searched:
            self._look(message)
        if self._sampling.tokens:
            for message in typed:
                self._offer(message.said)

    def _offer(self, said: Said) -> None:
        """Keep the heads of the first turns of each conversation for the sample."""
        self._turns[said.conversation_id] += 1
        if self._turns[said.conversation_id] <= TURNS:
            self._offered.append(replace(said, text=self._sampling.head(said.text)))

    def _look(self, message: Typed) -> None:
        said = message.said
        found = statements.candidates(said.message_id, said.text)
        plain = declared.declarations(message)
        if found or plain:
            self._found += found
            self._plain += plain
            self._said[said.message_id] = said

    def ranked(self, embedder: minilm.Embedder | None) -> list[Statement]:
        """The statements that were found, the surest first. The embedder works outside the interpreter's lock, so that
        the counts can be summed up beside it."""
        self._found.sort(key=lambda candidate: self._place(candidate.message))
        return self._joined(statements.rank(self._found, embedder))

    def counted(self) -> tuple[Style, list[Topic], Requests]:
        """What was counted over all batches."""
        return self._style.result(), self._topics.result(), self._requests.result()

    def evidence(
        self,
        claims: list[records.Claim],
        ranked: list[Statement],
        counted: tuple[Style, list[Topic], Requests],
        *,
        with_embedder: bool,
    ) -> Evidence:
        """All of it together, when all batches are read."""
        measured, found, asked = counted
        return Evidence(
            style=measured,
            topics=found,
            requests=asked,
            statements=ranked,
            claims=claims,
            said={statement.message: self._said[statement.message] for statement in ranked},
            talks=self._talks,
            note=" ".join(self._notes(measured, with_embedder=with_embedder)) or None,
            traits=traits(measured),
            sample=self._sample(found, ranked) if self._sampling.tokens else None,
        )

    def _notes(self, measured: Style, *, with_embedder: bool) -> Iterator[str]:
        if self._talks and not measured.messages:
            yield WITHOUT_WORDS
        if note := self._share.note():
            yield note
        if not with_embedder:
            yield WITHOUT_EMBEDDER

    def _sample(self, found: Sequence[Topic], ranked: Sequence[Statement]) -> Transcript:
        stated = [statement.message for statement in ranked]
        offered = {said.message_id: said for said in self._offered}
        offered |= {message: self._stated(message) for message in stated}
        about = {key: topic.label for topic in reversed(found) for key in topic.examples}
        own = [said for said in offered.values() if said.text and not said.text.isspace()]
        tokens, most = self._sampling.tokens, self._sampling.conversations
        return sample(own, self._talks, tokens, topics=about, first=stated, most=most)

    def _stated(self, message: int) -> Said:
        """A message that holds a statement, as far as it can be cited."""
        said = self._said[message]
        return replace(said, text=self._sampling.head(said.text)) if self._sampling.is_typed else said

    def _joined(self, ranked: Sequence[Statement]) -> list[Statement]:
        """The ranked statements that the person typed themself, and the newest plain declarations, the surest first."""
        plain = sorted(self._plain, key=lambda one: self._place(one.message), reverse=True)[:PLAIN]
        taken = {(one.message, one.end) for one in plain}
        judged = [
            one
            for one in ranked
            if (one.message, one.end) not in taken and one.start < declared.typed_until(self._said[one.message].text)
        ]
        found = [*plain, *judged]
        secrets = {message: masking.find(self._said[message].text) for message in {one.message for one in found}}
        safe = [one for one in found if not holds_secret(secrets[one.message], one)]
        return sorted(safe, key=lambda one: -one.probability)

    def _place(self, message: int) -> tuple[float, int]:
        """Where a message stands in time: of two that say the same, the newer is kept."""
        said = self._said[message]
        return (said.sent_at.timestamp() if said.sent_at else 0.0, message)


def holds_secret(secrets: Sequence[masking.Secret], one: Statement) -> bool:
    """Whether one of the secrets of its message reaches into the sentence. A secret shows in what stands around it, so
    they are looked for in the whole message."""
    return any(secret.start < one.end and one.start < secret.end for secret in secrets)
