"""The layered layout: where boxes and lines go."""
