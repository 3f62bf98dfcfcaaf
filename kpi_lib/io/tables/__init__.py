"""Tables in files and in memory: CSV, XLSX, Parquet, Word and DataFrames, both ways."""
