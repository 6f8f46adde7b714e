"""The front door: an engine that can show itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddd_kit.engine.engine import Engine

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import networkx as nx
    from matplotlib.axes import Axes

    from ddd_kit.notebook.widgets.workbench import Workbench
    from ddd_kit.views.context_map import ContextMap
    from ddd_kit.views.exports.given_when_then import Test
    from ddd_kit.views.exports.mermaid import Mermaid
    from ddd_kit.views.glossary.glossary import Glossary
    from ddd_kit.views.lint import Lint
    from ddd_kit.views.picture import Picture
    from ddd_kit.views.piece import Piece

# What the rest of the kit needs of a domain, and nobody who works with one.
_MACHINERY = frozenset(
    (
        *("home_of", "learn", "link", "lock", "objects", "open_world", "own", "refuse_foreign", "registry"),
        *("repository_class", "retire", "seed", "stand_on", "standing", "work_off", "world"),
    )
)


class Domain(Engine):
    """A domain: its model, written as classes, what happens in it, and the pictures of both.

    The decorators `aggregate`, `event`, `command`, `event_handler` and `command_handler` make the model.
    `repository_for` and `process` let it run. `journal`, `stream`, `why`, `why_not` and `at` tell what
    happened; `map`, `graph`, `draw` and `chart` show it. `faults` and `pause_on` disturb and hold its
    deliveries. What `at` gives is in the past: it can be read, and
    whatever would change it raises an IncorrectUsageError. The words are those of Evans and Vernon.

    Args:
        *names: the name; or, as in Protean, a path, which is ignored, and the name.
        name: the name, with a letter or a digit at least; "Domain" when none is given. Names of streams
            begin with it.
        root_path: accepted as Protean's, and ignored.
        config: settings by name, which can be changed later, as `domain.config["journal"] = False`:

            - `event_processing`: `"sync"` (default), or `"async"` for hold mode, where deliveries wait in
              `domain.waiting` until they are asked for;
            - `command_processing`: `"sync"` (default) or `"async"`; accepted as Protean's, and without
              effect: commands are taken at once;
            - `max_chain_length`: how many deliveries one event may lead to before the chain is stopped as
              endless, 1 or more; 1,000 by default;
            - `journal`: whether what happens is recorded, True (default) or False;
            - `journal_limit`: how many entries of the journal are kept, 1 or more; 100,000 by default.

            Other settings are kept as they are.
        seed: a whole number makes identities and times repeat from run to run; None for real ones.

    Raises:
        ConfigurationError: for a value that a setting does not take, a setting that is mistyped, or a name
            without letters and digits.

    Example:
        >>> domain = Domain(name="Bookshop", config={"journal_limit": 1_000}, seed=7)
        >>> @domain.aggregate
        ... class Order:
        ...     quantity: int = 1
        >>> domain.repository_for(Order).add(Order(id="o-1", quantity=3))
        <Order: Order object (id: o-1)>
        >>> domain.journal
        outside a cell
          ■ Order o-1 added: quantity 3
    """

    def explore(self) -> Workbench:
        """The workbench: map, journal, streams and state at any step, live in a notebook.

        At the end of a cell it shows by itself, and whatever later cells do appears in it. What can be
        clicked tells why: a value, a handler that did not run. *Try it* gives commands and calls methods. It
        follows a domain of the same name that is made later, as by its cell run again.

        Returns:
            A widget with `.domain`, `.to_text()` and `.close()`.

        Raises:
            ModuleNotFoundError: when ipywidgets or anywidget is missing; the text says what to install.

        Example:
            >>> domain = Domain(name="Bookshop")
            >>> workbench = domain.explore()
            >>> workbench
            <Workbench of Bookshop, step 0 of 0>
            >>> workbench.close()
        """
        try:
            from ddd_kit.notebook.widgets.workbench import Workbench
        except ModuleNotFoundError as error:
            if error.name not in ("anywidget", "ipywidgets"):
                raise
            raise ModuleNotFoundError(
                f"domain.explore() needs {error.name}. Install it with: pip install {error.name}",
                name=error.name,
            ) from error
        return Workbench(self)

    def map(self, step: int | None = None, *, streams: bool = False) -> Picture:
        """The map of the model: what leads to what, with the path of a step in bold.

        A handler that was skipped is dashed, with the reason; one that failed is red, with the error.

        Args:
            step: a step of the journal, whose path is shown and up to which is counted; the newest chain
                when None; 0 for the time before the first step.
            streams: whether streams are nodes of their own, between events and those who hear them.

        Returns:
            A picture that shows by itself in a cell; it has `.svg`, `.dark_svg`, `.to_text()`, `.save(path)`.

        Raises:
            IncorrectUsageError: when there is no such step.

        Example:
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> domain.map()
            Bookshop
               ■ Order  (0 instances)
        """
        from ddd_kit.views.mapping.map import domain_map

        return domain_map(self, step, streams=streams)

    def graph(self) -> nx.MultiDiGraph:
        """The model and its run as a graph, to query and to export.

        Returns:
            Nodes by name with `kind`, `label`, `category`, `doc` and more; edges with a `kind` ("handled
            by", "changes", "raises", "heard by", "issues", "part of") and a `count` from the journal, and
            "heard by" with `skipped`, `failed` and `rule`. All are texts, whole numbers or truth values.

        Raises:
            ModuleNotFoundError: when networkx is missing.

        Example:
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> list(domain.graph().edges(data="kind"))
            [('Order', 'OrderShipped', 'raises')]
        """
        from ddd_kit.views.mapping.graph import graph

        return graph(self)

    def mermaid(self) -> Mermaid:
        """The model as a Mermaid flowchart, for documents: the nodes and edges of `graph`.

        Returns:
            A diagram that JupyterLab draws in a cell; `str()` is its source, `.save("model.md")` saves it.

        Raises:
            ModuleNotFoundError: when networkx is missing.

        Example:
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> domain.mermaid()
            flowchart LR
              accTitle: Model of Bookshop
              n0["■ Order"]:::aggregate
              classDef aggregate fill:#fdeea3,stroke:#c2a83e,color:#1f2937
        """
        from ddd_kit.views.exports.flowchart import flowchart

        return flowchart(self)

    def sequence_diagram(self, steps: int | range | None = None) -> Mermaid:
        """What happened as a Mermaid sequence diagram: commands, events, deliveries, changed fields.

        Args:
            steps: a step, for its whole chain; a range of steps, as `range(12, 20)`, which ends with 19; or
                None for the newest hundred.

        Returns:
            A diagram that JupyterLab draws in a cell; `str()` is its source, `.save("run.md")` saves it.

        Raises:
            IncorrectUsageError: when there are no such steps, or not any more.

        Example:
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> order = domain.repository_for(Order).add(Order(id="o-1"))
            >>> domain.sequence_diagram(2)
            sequenceDiagram
              accTitle: What happened in Bookshop
              participant p0 as cells
              participant p1 as ■ Order
              Note over p0: outside a cell
              p0->>p1: add Order o-1
        """
        from ddd_kit.views.exports.sequence import sequence_diagram

        return sequence_diagram(self, steps)

    def test_from(
        self, steps: int | range | None = None, *, module: str | None = "my_model", everything: bool = False
    ) -> Test:
        """A test for pytest that does again what happened, and expects what came of it: given, when, then.

        *Given* is what was stored before and is changed or named in these steps; *when* are the commands, and
        what plain code saved, which raises the recorded events, as the journal does not know by which
        methods; *then* are the fields that changed, the events, and the handlers that ran. Identities made
        anew are looked up; times and UUIDs that nobody gave may be any.

        The test empties the domain as it begins. It fails when a handler does something else than it did.
        That of a domain with a seed takes pytest's `monkeypatch`, as repeated identities would meet
        given ones.

        Args:
            steps: a step, as 17, for all that belongs to its chain; a range of steps, as `range(12, 20)`,
                whose chains are taken whole; or None for all that is kept.
            module: where the test imports the domain and its classes from; None for no such
                line, as in a cell.
            everything: whether all that was stored before is given: for handlers that read what is neither
                changed nor named.

        Returns:
            The test; `str()` is its source, `.save("test_orders.py")` saves it.

        Raises:
            IncorrectUsageError: when there are no such steps or not any more, nothing is recorded, nothing in
                them can be done again, an element is not defined any more, or a value cannot be written as
                Python.

        Example:
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     quantity: int = 1
            >>> order = domain.repository_for(Order).add(Order(id="o-1", quantity=3))
            >>> test = domain.test_from(2, module=None)
            >>> print(str(test).partition("# When")[2])
            <BLANKLINE>
                order = Order(quantity=3, id='o-1')
                domain.repository_for(Order).add(order)
            ...
                # Then
                order = domain.repository_for(Order).get('o-1')
                assert order.quantity == 3
            ...
            >>> exec(str(test))
            >>> test_order_created()  # or let pytest run it
        """
        from ddd_kit.views.exports.given_when_then import given_when_then

        return given_when_then(self, steps, module=module, everything=everything)

    def state(self, step: int | None = None) -> Piece:
        """All instances with their fields; what the step's unit of work changed comes first, and is marked.

        Args:
            step: as they stood after the unit of work of this step of the journal; the present when None; 0
                for the time before the first step.

        Returns:
            Cards that show by themselves in a cell; it has `.html` and `.to_text()`. Of each aggregate at
            most 50 instances are shown.

        Raises:
            IncorrectUsageError: when there is no such step, or it is not kept any more.

        Example:
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> inventory = domain.repository_for(Inventory).add(Inventory(id="i-1", in_stock=100))
            >>> domain.state()
            Bookshop now: 1 instance
            ■ Inventory: 1 instance
              i-1, new, version 0: in_stock 100
        """
        from ddd_kit.views.panes.instances import state

        return state(self, step)

    def lint(self) -> Lint:
        """What the literature would frown upon in the model: from definitions, their code and the journal.

        Commands without a handler, events nobody raises or handles or that are not named in the past tense,
        handlers that change two aggregates in one unit of work or lead to themselves, aggregates that hold
        another one. Each finding has its rule, its source and what to do. An element's option
        `suppress_checks=["UNHANDLED_EVENT"]` silences a rule for it.

        Returns:
            Findings, in order of the rules; they show by themselves in a cell, and have `.to_frame()`.

        Example:
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> @domain.command(part_of=Order)
            ... class ShipOrder: ...
            >>> domain.lint()
            1 finding in Bookshop, from 2 elements and 2 steps of the journal.
            <BLANKLINE>
            A command without a handler (UNUSED_COMMAND)
              - Nobody handles ShipOrder.
              What to do: Write a method with @handle in a command handler of its aggregate, or remove the ...
              Source: Vernon, ch. 4: ...
        """
        from ddd_kit.views.lint import lint

        return lint(self)

    def glossary(
        self, *others: Engine, name: type | str | None = None, kind: str | None = None, order: str = "flow"
    ) -> Glossary:
        """The ubiquitous language of the model (Evans, ch. 2): its words, and what each of them means.

        A meaning is the first sentence of a docstring, or the `description` of a field. Where there is none,
        the name is split into words: read it to somebody who knows the domain, and write down what they say.

        Args:
            *others: other domains, as in `sales.glossary(warehouse)`: a word that several of them have comes
                first, with its meaning in each (Evans, ch. 14: bounded contexts).
            name: a class; or part of a name, as `"ship"` or `"at most"`; None for all.
            kind: a kind of element, as `"event"`; or `"field"`, `"computed value"`, `"invariant"`,
                `"operation"`, `"reaction"`; None for all.
            order: `"flow"`: aggregate after aggregate, as things happen; or `"name"`: from A to Z.

        Returns:
            A table that shows by itself in a cell; it has `.unwritten`, `.to_text()`, `.to_markdown()`,
            `.to_frame()` and `.save(path)` (`.html`, `.md`, `.csv`).

        Raises:
            IncorrectUsageError: for something that is no domain, two domains of one name, or a kind or an
                order that there is not.

        Example:
            >>> from ddd_kit.fields import Integer
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order:
            ...     '''What a customer wants.'''
            ...     quantity = Integer(min_value=1, description="How many copies.")
            ...     def ship(self):
            ...         self.raise_(OrderShipped())
            >>> @domain.event(part_of=Order)
            ... class OrderShipped: ...
            >>> domain.glossary()
            Glossary of Bookshop: 2 terms, 2 details; 1 term without words yet.
            Order
              ■ Order: What a customer wants.
                  quantity  How many copies. - whole number, 1 or more
                  ship      ship - raises OrderShipped
              ● OrderShipped: order shipped (no words yet: write a docstring)
                  raised by Order.ship
        """
        from ddd_kit.views.glossary.glossary import glossary

        return glossary(self, *others, name=name, kind=kind, order=order)

    def draw(self, ax: Axes | None = None, step: int | None = None, *, streams: bool = False) -> Axes:
        """The map, drawn with matplotlib: for slides and papers.

        Args:
            ax: where to draw; a new figure when None. Dark axes get the colours for a dark ground.
            step: as for `map`.
            streams: as for `map`.

        Returns:
            The axes; `.figure.savefig("map.pdf")` saves them.

        Raises:
            IncorrectUsageError: when there is no such step.
            ModuleNotFoundError: when matplotlib is missing; the text says what to install.

        Example:
            >>> from matplotlib.figure import Figure
            >>> domain = Domain(name="Bookshop")
            >>> domain.draw(Figure().subplots())
            <Axes: >
        """
        from ddd_kit.views.mapping.draw import draw

        return draw(self, ax, step, streams=streams)

    def chart(self, aggregate: type | str, field: str, ax: Axes | None = None) -> Axes:
        """A numeric field over the steps of the journal, a line for each instance.

        Args:
            aggregate: its class or name.
            field: the name of a field that holds numbers.
            ax: where to draw; a new figure when None.

        Returns:
            The axes.

        Raises:
            IncorrectUsageError: when there is no such aggregate or field, or the field holds no numbers.
            ModuleNotFoundError: when matplotlib is missing; the text says what to install.

        Example:
            >>> from matplotlib.figure import Figure
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Inventory:
            ...     in_stock: int = 0
            >>> domain.repository_for(Inventory).add(Inventory(in_stock=100))
            <Inventory: ...>
            >>> domain.chart(Inventory, "in_stock", Figure().subplots()).get_title()
            'Inventory.in_stock'
        """
        from ddd_kit.views.charts.chart import chart

        return chart(self, aggregate, field, ax)

    def save_html(self, path: str | os.PathLike[str], *, title: str | None = None) -> Path:
        """Save the whole run as one page that needs no kernel and no network: for slides, mails, archives.

        The page has map, journal, changes, state and sentence at every step, and says why and why not. 10,000
        entries take a few seconds, and about 1 MB.

        Args:
            path: a file name that ends in `.html` or `.htm`, in a folder that exists; a file that is there is
                replaced as a whole, or stays as it is.
            title: of the page; the domain's name when None.

        Returns:
            Where it was saved.

        Raises:
            ValueError: for another kind of file.
            FileNotFoundError: when the folder does not exist.
            IsADirectoryError: when there is a folder of that name.
            OSError: when the file cannot be written.

        Example:
            >>> import tempfile
            >>> from pathlib import Path
            >>> domain = Domain(name="Bookshop")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     domain.save_html(Path(folder) / "session.html").name
            'session.html'
        """
        from ddd_kit.views.page.page import save

        return save(self, path, title)

    def __dir__(self) -> list[str]:
        """The words for those who work with a domain; completion offers these."""
        return [name for name in super().__dir__() if not name.startswith("_") and name not in _MACHINERY]

    def timeline(self) -> Picture:
        """The steps of the journal as a picture: a sign for each, grouped by cell; of many the newest.

        Returns:
            A picture that shows by itself in a cell; it has `.svg`, `.dark_svg`, `.to_text()`, `.save(path)`.

        Example:
            >>> domain = Domain(name="Bookshop")
            >>> @domain.aggregate
            ... class Order: ...
            >>> domain.repository_for(Order).add(Order())
            <Order: ...>
            >>> domain.timeline()
            Bookshop: 2 steps, 1 of them definitions
              outside a cell  ■  1 aggregate saved
        """
        from ddd_kit.views.panes.timeline_picture import timeline

        return timeline(self)


def context_map(*domains: Engine) -> ContextMap:
    """Draw bounded contexts and what crosses them: the context map (Evans, ch. 14; Vernon, ch. 3).

    An arrow leads from the context upstream (U), whose events are heard, to the one downstream (D), which has
    to follow when they change. Subscribers hear messages of brokers, and translate them: an anticorruption
    layer (ACL). What is heard of a context that is not among the given ones is drawn with a dashed line.

    Args:
        *domains: two or more domains, as a rule.

    Returns:
        A picture that shows by itself in a cell; its `graph` is the same for networkx.

    Raises:
        IncorrectUsageError: without any domain, for something that is none, or for two of one name.

    Example:
        >>> from ddd_kit import Domain, handle
        >>> sales, warehouse = Domain(name="Sales"), Domain(name="Warehouse")
        >>> @sales.aggregate
        ... class Order: ...
        >>> @sales.event(part_of=Order)
        ... class OrderPlaced:
        ...     order_id: str
        >>> @warehouse.event_handler(stream_category="sales::order")
        ... class Reserve:
        ...     @handle(OrderPlaced)
        ...     def reserve(self, event): ...
        >>> context_map(sales, warehouse)
        Context map of Sales and Warehouse
          Sales (U) -> Warehouse (D)
            ● OrderPlaced  on sales::order
    """
    from ddd_kit.views.context_map import context_map as drawn

    return drawn(*domains)
