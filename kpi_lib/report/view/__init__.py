"""One city in one period as its page sees it: row, others, peers, names and numbers in words."""
