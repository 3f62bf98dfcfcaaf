"""What notebooks and pages show: the city report, the overview, the audit, the review.

``sections`` holds sentences and tables, ``charts`` the figures, ``templates`` the pages.
"""
