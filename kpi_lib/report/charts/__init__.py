"""The figures of the reports, and the sheet and style that they share."""
