"""Any use of several worlds of one model in turn gives what separate domains would give."""

from hypothesis import settings

from several_worlds import Worlds

TestWorlds = Worlds.TestCase
TestWorlds.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
