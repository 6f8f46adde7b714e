"""A numeric field over the steps."""
