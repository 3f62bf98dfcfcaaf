"""Reports of many cities: what is to be made, running the notebooks, the index of the set."""
