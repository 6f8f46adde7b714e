"""Worlds that are used in turn by code and by workbenches stay apart, as separate domains would."""

from hypothesis import settings

from several_worlds import Worlds


class WorldsInWorkbenches(Worlds):
    """Each delivery is made by a click, in one workbench that goes from run to run."""

    workbench = None

    def attempt(self, act, world):
        """Deliveries by the workbench, all else by code."""
        what, *given = act
        if what not in ("deliver", "deliver_all", "process"):
            super().attempt(act, world)
            return
        if self.workbench is None:
            self.workbench = self.shop.domain.explore()
        self.workbench.show_run(world)
        if what == "process":
            book, quantity = given[1:]
            form = self.workbench._try_it
            form.select("ShipOrder")
            for name, value in (("order_id", given[0]), ("book_id", book), ("quantity", str(quantity))):
                form._form.fields[name].input.value = value
            form.run()
        else:
            arg = "all" if what == "deliver_all" else str(given[0])
            self.workbench._reporting("a delivery", lambda: self.workbench._do("deliver", arg))

    def teardown(self):
        """Leave no workbench behind."""
        if self.workbench is not None:
            self.workbench.close()


TestWorlds = WorldsInWorkbenches.TestCase
TestWorlds.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
