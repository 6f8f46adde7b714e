"""How a model runs: registry, units of work, dispatch, worlds."""
