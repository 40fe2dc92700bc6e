"""The index that recall searches. In: conversations. Out: their passages, with the lexemes they are found by."""
