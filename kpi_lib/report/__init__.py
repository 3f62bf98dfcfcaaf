"""What notebooks and pages show: the city report, the audit, the review, the explorer, the index.

``view`` takes one city out of a scoreboard, ``sections`` hold sentences and tables, ``page`` what
every page is made of, ``templates`` the pages, ``document`` the Word file.
"""
