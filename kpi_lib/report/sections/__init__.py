"""The parts of a report: their sentences and tables, one module a subject."""
