"""Texts for elsewhere: Mermaid diagrams, and tests of what happened."""
