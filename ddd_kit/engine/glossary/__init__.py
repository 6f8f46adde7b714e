"""The ubiquitous language of a model: its terms, read from its definitions."""
