"""How sure ranks are: draws of weights, methods and data, and what drives the ranking."""
