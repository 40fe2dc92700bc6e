-- The messages that share the rarest words with a question: sum of inverse document frequencies, the person's own
-- messages half as much again, long messages less; at most two of a conversation. Files are nobody's words, and what is
-- said in a part is true of nobody: an answer that quotes them would mislead.
with words as (
    select query as word, cast(query as tsquery) as query from unnest(cast(:queries as text[])) as query
),
matches as (
    select words.word, messages.id from words join messages on messages.search @@ words.query
),
weights as (
    select word, ln(1 + (select count(*) from messages) / count(*)::float) as weight from matches group by word
),
scores as (
    select id, sum(weight) as score from matches join weights using (word) group by id
),
ranked as (
    select
        messages.*,
        score * case role when 'user' then 1.5 else 1 end / ln(20 + length(text)) as rank
    from scores join messages using (id)
    where on_branch and modality not in ('attachment', 'role_play')
),
spread as (
    select *, row_number() over (partition by conversation_id order by rank desc, id) as place from ranked
)
select spread.id, conversation_id, role, text, sent_at, rank, title, started_at
from spread join conversations on conversations.id = conversation_id
where place <= 2
order by rank desc, spread.id
limit :most
