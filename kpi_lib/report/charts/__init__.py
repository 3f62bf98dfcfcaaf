"""Charts of whole sets on matplotlib axes: rankings, correlations, moves and causes."""
