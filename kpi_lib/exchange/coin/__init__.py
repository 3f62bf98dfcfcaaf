"""Tables of COINr and workbooks of the COIN Tool, read as a framework, its data and its units.

COINr (Becker and others, 2022) describes an index by iMeta, a row for each indicator and group,
and holds its values in iData, a row for each unit. The COIN Tool of the European Commission's
Joint Research Centre has both in its sheets Database and Framework.
"""
