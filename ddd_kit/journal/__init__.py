"""What happened, as plain data: entries, slices, causes, sentences."""
