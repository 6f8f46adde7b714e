"""Pure functions from a domain, a journal and a step to pictures and words."""
