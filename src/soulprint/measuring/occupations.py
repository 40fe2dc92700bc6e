"""Words for what people do for a living."""

from __future__ import annotations

# ruff: noqa: E501 - a list of words a line

ENGLISH = (
    r"engineer|developer|programmer|designer|teacher|nurse|doctor|physician|student|manager|analyst|scientist|researcher|lawyer|accountant|writer|journalist|editor|artist|musician|architect|consultant|founder|chef|cook|baker|carpenter|electrician|"
    r"plumber|mechanic|driver|pilot|farmer|gardener|librarian|professor|lecturer|therapist|psychologist|pharmacist|dentist|vet|photographer|translator|administrator|officer|technician|inspector|surveyor|planner|freelancer|ceo|cto"
)
"""Alternatives of a pattern."""

GERMAN = (
    r"tischler|schreiner|zimmer(?:er|mann)|maurer|maler|dachdecker|elektriker|mechaniker|mechatroniker|schlosser|bäcker|metzger|koch|köchin|kellner|gärtner|landwirt|förster|fahrer|pfleger|krankenschwester|hebamme|arzt|ärztin|zahnarzt|apotheker|"
    r"lehrer|lehrkraft|erzieher|professor|dozent|sozialarbeiter|psychologe|therapeut|ingenieur|architekt|informatiker|entwickler|programmierer|designer|grafiker|fotograf|journalist|übersetzer|anwalt|anwältin|richter|polizist|"
    r"verkäufer|kaufmann|kauffrau|buchhalter|steuerberater|sekretär|beamter|beamtin|student|azubi|rentner|friseur|schneider|schauspieler|musiker|physiotherapeut"
)
"""The same in German, without the ending of women."""

ANY = rf"(?:{ENGLISH}|(?:{GERMAN})(?:in)?\b|ingenieur\w*|entwickler\w*|lehrer\w*|ärzt\w*|krankenpfleger\w*|ingénieure?|développeu\w+|professeure?|infirmi\w+|ingenier[oa]|desarrollador\w*|profesor\w*|engenheir[oa]|programador\w*|professor\w*)"
"""The same as a group, in several languages."""
