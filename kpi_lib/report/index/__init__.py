"""The index of a set of reports: its overview, as pieces, and what its page is made from.

``rows`` holds what is known of each city, the other modules the parts of the page: ``findings``,
``ranking``, ``maps``, ``targets``, ``trial`` (weights that are tried in the page), ``files``.
"""
