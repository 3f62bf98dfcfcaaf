"""The methods of the field as functions on arrays: normalise, aggregate, impute, treat outliers.

Knows nothing of frameworks, files or cities; methods are found by name in the registry.
"""
