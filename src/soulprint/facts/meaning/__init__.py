"""What a statement says, apart from its wording: of what, since when, the same as which other. Pure."""
