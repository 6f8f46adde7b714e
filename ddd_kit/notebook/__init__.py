"""Everything that knows about IPython and notebooks."""
