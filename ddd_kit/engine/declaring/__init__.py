"""The decorators of a domain: how classes become elements of a model."""
