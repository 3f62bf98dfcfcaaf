"""What scores say: audit, robustness, targets, levels, readiness, revisions, what-if.

Functions from a scoreboard to tables; nothing here draws or writes.
"""
