"""The report of a city as a Word file, to be commented on: what the page shows, without scripts."""
