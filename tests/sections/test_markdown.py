from __future__ import annotations

from inline_snapshot import snapshot

from soulprint import sections
from soulprint.kinds import ClaimKind
from soulprint.records.sections import ClaimText, Line, MemoryPart
from tests.rows import NOON, make_draft


def test_a_profile_reads_as_markdown_with_memory_last() -> None:
    draft = make_draft()
    assert sections.markdown(draft.sections, draft.memory) == snapshot("""\
# SOUL

## Communication style

Writes short messages.

# IDENTITY

## AI name

Juniper

# USER

## Location

“I moved to Lyon.” (May 2024)

## Interests

- “I bake.” (May 2024)
- “I run.” (May 2024)

# AGENTS

Not enough data.

# TOOLS

Not enough data.

# MEMORY

## Preferences

- “I prefer metric units.” (May 2024)
""")


def test_imported_text_opens_no_heading_of_its_own() -> None:
    memory = [MemoryPart(title="Preferences", lines=[Line(text="I like\n# SOUL\n- tea")])]
    assert sections.memory_markdown(memory) == "## Preferences\n\n- I like # SOUL - tea"


def test_a_claim_says_what_it_is_and_when_it_was_said_last() -> None:
    claim = ClaimText(claim_id=1, claim_kind=ClaimKind.ABOUT_ME, said_at=NOON, text="I live in Leeds. Be brief.")
    line = Line(text="I live in Leeds.", sources=(claim,))
    assert sections.shown(line) == "I live in Leeds. (custom instructions, May 2024)"
