"""From findings to facts. In: findings. Out: one fact for all that say the same, and which hold of those at odds."""
