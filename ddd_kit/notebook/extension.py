"""What `%load_ext ddd_kit` adds to a shell, and `%unload_ext ddd_kit` takes away."""

from __future__ import annotations

from typing import Any

from ddd_kit.notebook.cells import install
from ddd_kit.notebook.heading import TraceHeading
from ddd_kit.notebook.magics import ModelMagics
from ddd_kit.notebook.tracing import Tracer

_MARK = "_ddd_kit_extension"


def load(shell: Any) -> None:
    """Add the magics; doing it again changes nothing.

    Args:
        shell: an `InteractiveShell`.
    """
    install(shell)
    if not hasattr(shell, _MARK):
        setattr(shell, _MARK, Extension(shell))


def unload(shell: Any) -> None:
    """Take the magics away; the journal goes on knowing which cell runs.

    Args:
        shell: an `InteractiveShell`.
    """
    extension = getattr(shell, _MARK, None)
    if extension is not None:
        delattr(shell, _MARK)
        extension.close()


class Extension:
    """The magics in a shell.

    Args:
        shell: an `InteractiveShell`.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._tracer = Tracer(shell)
        self._magics = ModelMagics(shell, self._tracer)
        self._heading = TraceHeading()
        shell.register_magics(self._magics)
        shell.input_transformers_cleanup.append(self._heading)

    def close(self) -> None:
        """Leave nothing behind; a magic that somebody else has put in the place of one stays."""
        self._tracer.close()
        cleanup = self._shell.input_transformers_cleanup
        if self._heading in cleanup:
            cleanup.remove(self._heading)
        manager = self._shell.magics_manager
        for kind, magics in self._magics.magics.items():
            for name, magic in magics.items():
                if manager.magics[kind].get(name) == magic:
                    del manager.magics[kind][name]
        manager.registry.pop(type(self._magics).__name__, None)
