"""MEMORY. In: facts. Out: its five parts, every bullet resting on facts."""
