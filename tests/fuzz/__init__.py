"""Files that went wrong on their way, given to every reader: `python -m tests.fuzz --help`."""
