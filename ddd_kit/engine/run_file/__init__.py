"""A run in a file: written with `domain.save`, read and judged with `domain.load`."""
