"""Exact figures without a language model. In: the person's messages in batches. Out: how they write, what they write
about, what they ask for, and the sentences they say about themselves."""
