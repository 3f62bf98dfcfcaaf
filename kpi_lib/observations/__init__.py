"""What was measured: values, cities, evidence and published scores, read, checked and written.

Takes tables; :mod:`kpi_lib.exchange` turns forms and other layouts into them.
"""
