"""The file ``kpi.toml`` beside the data: what a project says of its data and of its pages."""
