"""A lint for models: what the literature would frown upon, from definitions, code and journal."""
