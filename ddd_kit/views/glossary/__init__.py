"""The glossary of a model: as a table in a cell, as text, as Markdown, as a file."""
