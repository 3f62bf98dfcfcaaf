"""Reading and writing files, and the small texts in them: tables, YAML, numbers, names, periods.

Knows nothing of frameworks, cities or scores.
"""
