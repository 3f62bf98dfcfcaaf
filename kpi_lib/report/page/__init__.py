"""What pages are made of: the look, templates, tables, drawings, sentences and pieces.

Knows nothing of cities: ``view`` takes a city out of a scoreboard, ``sections`` say it.
"""
