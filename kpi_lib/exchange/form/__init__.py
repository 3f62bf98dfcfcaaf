"""The Excel form for the agencies that supply data, written and read back."""
