"""Conversations cut for search. In: dialogues. Out: chunks."""
