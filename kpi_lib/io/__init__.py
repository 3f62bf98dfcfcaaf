"""Reading and writing files: ``tables`` in them, the texts in their ``cells``, YAML, places.

Knows nothing of frameworks, cities or scores.
"""
