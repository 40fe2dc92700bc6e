-- BM25 over passages in their context: what a passage and the two before and after it hold counts for it, the farther the
-- less. A passage's talk counts too: by the words that occur anywhere in it. Only what stands around the passages that are
-- best by themselves is scored so: of a long history a question's words find a quarter.
with found as materialized (
    select term, weight, block_id, places
    from unnest(cast(:terms as int[]), cast(:stems as text[]), cast(:weights as float[])) as asked (term, stem, weight)
    join postings on word = stem
),
weights as materialized (
    select term, ln(1 + greatest(:passages - passages, 0.5) / (passages + 0.5)) as idf,
        sum(passages) over rarest_first <= :leading or row_number() over rarest_first = 1 as leads
    from (select term, cast(sum(cardinality(places)) as float) as passages from found group by term) as counted
    window rarest_first as (order by passages, term)
),
every as not materialized (
    select term, idf, leads, block_id + (place >> 8) as id, weight * (place & 255) as tf,
        block_id + "first"[width_bucket(place >> 8, "first")] as talk
    from found
    join weights using (term)
    join search_blocks on search_blocks.id = block_id,
    unnest(places) as place
),
matches as materialized (
    select * from every where leads
),
alone as materialized (
    select id, sum(idf * tf * 2.2 / (tf + 1.2)) as score from matches group by id
),
centers as materialized (
    select id from alone
    where (cast(:since as timestamptz) is null and cast(:until as timestamptz) is null) or id in (
        select passages.id from passages
        where said_at >= coalesce(:since, '-infinity') and said_at < coalesce(:until, 'infinity')
    )
    order by score desc limit :most
),
pool as materialized (
    select * from every
    where (id in (
        select id + step from centers, generate_series(cast(-2 * :reach as int), 2 * :reach) as step
    )) is true -- or it would be a join, and all places its hashed side
),
spread as materialized (
    select term, idf, talk, id + step as id, cast(sum(tf * share) as float) as tf
    from pool, unnest(cast(:steps as int[]), cast(:shares as float[])) as around (step, share)
    group by term, idf, talk, 4
),
talks as materialized (
    select talk, cast(0.3 as float) * sum(idf) as bonus
    from (select distinct term, idf, talk from matches where talk in (select talk from pool)) as held
    group by talk
),
best as materialized (
    select id, talk, sum(idf * tf * 2.2 / (tf + 1.2)) as rough
    from spread group by id, talk order by rough desc limit :most
)
select
    best.id, conversation_id, message_id, by_person, said_at,
    sum(idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * context_words / :context_words))) + bonus as score,
    array_agg(term) as terms, bonus as talk,
    (select sum(score) from alone) as total, (select sum(score * score) from alone) as squares
from best
join passages on passages.id = best.id
join spread on spread.id = best.id and spread.talk = best.talk
join talks on talks.talk = best.talk
group by best.id, conversation_id, message_id, by_person, said_at, bonus
order by score desc
