"""A framework as a workbook that people edit, written and read back."""
