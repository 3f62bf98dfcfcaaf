"""The command ``kpi``: one module for each family of commands."""
