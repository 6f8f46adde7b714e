"""What can be tried, and the Python for it."""
