"""Benchmarks of ddd_kit beside plain Python, eventsourcing and protean: ``python -m benchmarks``."""
