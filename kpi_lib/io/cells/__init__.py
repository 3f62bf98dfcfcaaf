"""What stands in a cell: a number, a period, a unit, a mark beside a value."""
