"""Charts of whole sets on matplotlib axes: what weights do, what a revision moves and why."""
