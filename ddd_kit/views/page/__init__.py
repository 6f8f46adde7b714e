"""A whole run as one page that needs neither a kernel nor a network."""
