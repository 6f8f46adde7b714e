"""The map of a model, and the graph under it."""
