"""What holds for all tests."""

from hypothesis import settings

# A busy machine is not a fault: how long an example takes is measured in benchmarks/.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Examples are looked for in every file, and two of one name stand in each other's way.
collect_ignore_glob = ["*conftest.py"]
