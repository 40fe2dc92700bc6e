-- BM25 over passages in their context: what a passage and the two before and after it hold counts for it, the farther the
-- less. A passage's talk counts too: by the words that occur anywhere in it. The best are found as if all were of one
-- length, and only those are looked up and scored by their own.
with asked as (
    select *
    from unnest(
        cast(:terms as int[]), cast(:stems as text[]), cast(:ends as text[]), cast(:weights as float[])
    ) as asked (term, stem, stem_end, weight)
),
found as (
    select term, weight, block_id, places from asked join postings on word = stem where stem_end is null
    union all
    select term, weight, block_id, places from asked join postings on word >= stem and word < stem_end
),
matches as materialized (
    select
        term, block_id + (place >> 8) as id, sum(weight * (place & 255)) as tf,
        block_id + "first"[width_bucket(place >> 8, "first")] as talk
    from found join search_blocks on search_blocks.id = block_id, unnest(places) as place
    group by 1, 2, 4
),
spread as materialized (
    select term, id + step as id, cast(sum(tf * share) as float) as tf
    from matches, unnest(cast(:steps as int[]), cast(:shares as float[])) as around (step, share)
    group by 1, 2
),
weights as materialized (
    select term, ln(1 + greatest(cast(:passages as float) - count(*), 0.5) / (count(*) + 0.5)) as weight from spread group by term
),
talks as (
    select talk, sum(weight) as bonus
    from (select distinct term, talk from matches) as held join weights using (term)
    group by talk
),
rough as materialized (
    select id, sum(weight * tf * 2.2 / (tf + 1.2)) as score from spread join weights using (term) group by id
),
best as (
    select rough.id, passages.conversation_id, passages.message_id, by_person, said_at, context_words
    from rough join passages on passages.id = rough.id
    where (cast(:since as timestamptz) is null or said_at >= :since)
        and (cast(:until as timestamptz) is null or said_at < :until)
    order by score desc
    limit :most
),
scored as (
    select
        best.id, sum(weight * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * context_words / :context_words))) as score,
        array_agg(term) as terms
    from best join spread using (id) join weights using (term)
    group by best.id
)
select
    best.id, conversation_id, message_id, by_person, said_at,
    score + cast(0.3 as float) * coalesce(bonus, 0) as score, terms, cast(0.3 as float) * coalesce(bonus, 0) as talk,
    (select sum(score) from rough) as total, (select sum(score * score) from rough) as squares
from best join scored using (id)
left join talks on talk = (
    select search_blocks.id + "first"[width_bucket(cast(best.id - search_blocks.id as int), "first")]
    from search_blocks where search_blocks.id <= best.id order by search_blocks.id desc limit 1
)
order by score desc
