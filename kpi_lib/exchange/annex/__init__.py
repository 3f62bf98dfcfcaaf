"""An annex of a ministry, read from its tables into the keys of a framework file."""
