"""All SQL of the room: each thing that is kept of a person as lines of JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import database

MEMBERS = {
    "conversations": """
        select json_build_object(
            'id', id, 'provider', provider, 'provider_id', provider_id, 'origin', origin, 'title', title,
            'project', project, 'model', model, 'started_at', started_at, 'updated_at', updated_at,
            'messages', (
                select coalesce(json_agg(json_build_object(
                    'id', messages.id, 'provider_id', messages.provider_id, 'position', position, 'role', role,
                    'sent_at', sent_at, 'modality', modality, 'on_branch', on_branch, 'text', messages.text
                ) order by position, messages.id), '[]')
                from messages where conversation_id = conversations.id
            )
        )::text
        from conversations order by started_at nulls last, id
    """,
    "claims": "select row_to_json(claims)::text from claims order by id",
    "facts": """
        select json_build_object(
            'id', id, 'category', category, 'about', about, 'statement', statement, 'language', language,
            'confidence', confidence, 'status', status, 'origin', origin, 'said_first', said_first,
            'said_last', said_last, 'true_from', true_from, 'true_to', true_to, 'superseded_by', superseded_by,
            'sources', (
                select coalesce(json_agg(json_build_object(
                    'conversation_id', conversation_id, 'message_id', message_id, 'start', span_start,
                    'end', span_end, 'quote', quote, 'said_at', said_at
                ) order by fact_sources.id), '[]')
                from fact_sources where fact_id = facts.id
            )
        )::text
        from facts order by id
    """,
    "changes": "select row_to_json(fact_changes)::text from fact_changes order by id",
    "edits": "select row_to_json(line_edits)::text from line_edits order by id",
    "choices": "select json_build_object('values', values, 'updated_at', updated_at)::text from choices",
    "versions": "select row_to_json(profile_versions)::text from profile_versions order by number",
    "chats": """
        select json_build_object(
            'id', id, 'title', title, 'created_at', created_at, 'updated_at', updated_at,
            'messages', (
                select coalesce(json_agg(row_to_json(thread_messages) order by thread_messages.id), '[]')
                from thread_messages where thread_id = threads.id
            )
        )::text
        from threads order by created_at, id
    """,
    "imports": "select row_to_json(imports)::text from imports order by started_at, id",
    "runs": """
        select json_build_object(
            'id', id, 'kind', kind, 'status', status, 'model', model, 'note', note, 'error', error,
            'cost_usd', cost_usd, 'ceiling_usd', ceiling_usd, 'version', version, 'started_at', started_at,
            'finished_at', finished_at, 'stages', (
                select coalesce(json_agg(row_to_json(run_stages) order by run_stages.id), '[]')
                from run_stages where run_id = runs.id
            )
        )::text
        from runs order by started_at, id
    """,
}
"""Member -> what gives its lines."""


async def lines(session: AsyncSession, query: str) -> AsyncIterator[str]:
    """The lines that `query` gives, which the server keeps until they are asked for."""
    async with aclosing(database.streamed(session, query)) as batches:
        async for rows in batches:
            for (line,) in rows:
                yield f"{line}\n"
