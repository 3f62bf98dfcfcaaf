"""What people read: labels, and numbers, lists and periods as each language writes them."""
