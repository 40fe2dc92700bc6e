"""What is known of a person. In: dialogues. Out: facts, each proved by the person's own words."""
