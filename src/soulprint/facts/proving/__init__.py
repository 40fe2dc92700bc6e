"""Whether a finding stands: in the person's own words, about their own life, with nothing added. Pure."""
