"""The files of a report: its page, the hashes that the page names, its PDF and its Word file."""
