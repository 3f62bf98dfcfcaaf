"""Scores: values are treated, normalised, weighed and aggregated, from the leaves up.

One scoreboard holds the scores of all cities and periods; they are kept for later runs.
"""
