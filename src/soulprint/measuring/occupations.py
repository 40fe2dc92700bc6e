"""Words for what people do for a living."""

from __future__ import annotations

# ruff: noqa: E501 - a list of words a line

ENGLISH = (
    r"engineer|developer|programmer|designer|teacher|nurse|doctor|physician|student|manager|analyst|scientist|researcher|lawyer|accountant|writer|journalist|editor|artist|musician|architect|consultant|founder|chef|cook|baker|carpenter|electrician|"
    r"plumber|mechanic|driver|pilot|farmer|gardener|librarian|professor|lecturer|therapist|psychologist|pharmacist|dentist|vet|photographer|translator|administrator|officer|technician|inspector|surveyor|planner|freelancer|ceo|cto"
)
"""Alternatives of a pattern."""

ANY = rf"(?:{ENGLISH}|ingenieur\w*|entwickler\w*|lehrer\w*|ärzt\w*|krankenpfleger\w*|ingénieure?|développeu\w+|professeure?|infirmi\w+|ingenier[oa]|desarrollador\w*|profesor\w*|engenheir[oa]|programador\w*|professor\w*)"
"""The same as a group, in several languages."""
