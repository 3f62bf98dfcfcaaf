"""Reports made by the workers of a Dask cluster, also into object stores."""
