"""What was measured: tables of values, cities and evidence, read, checked, merged and written.

Takes tables; :mod:`kpi_lib.exchange` turns forms and other layouts into them.
"""
