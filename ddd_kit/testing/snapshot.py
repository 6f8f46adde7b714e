"""Values that are to stay as they were: kept in a file beside the test."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import os
import sys
import uuid
from collections.abc import Collection
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from types import FrameType
from typing import Any

UPDATE = "DDD_KIT_UPDATE_SNAPSHOTS"


def assert_snapshot(obj: Any, name: str, *, exclude: Collection[str] | None = None) -> None:
    """Expect the values that an object had when the test ran first.

    They are kept in `__snapshots__/<test file>/<name>.json`, beside the test. Delete the file, or set the
    environment variable `DDD_KIT_UPDATE_SNAPSHOTS`, to keep them anew.

    Args:
        obj: something with `to_dict()`, as an aggregate or an event, or a dictionary.
        name: of the file, without an ending.
        exclude: fields that may be any, as ids and times.

    Raises:
        AssertionError: when the values are others; the text shows the difference.
        TypeError: for an object without `to_dict()`, or a value that JSON lacks.
        ValueError: for a name that is a path.
        OSError: when the file cannot be written.
    """
    __tracebackhide__ = True
    values = dict(obj) if isinstance(obj, dict) else _values(obj)
    for field in exclude or ():
        values.pop(field, None)
    if PurePath(name).name != name or name in ("", ".."):
        raise ValueError(f"assert_snapshot(..., {name!r}): that is no plain file name.")
    file = _folder(sys._getframe(1)) / f"{name}.json"
    now = json.dumps(values, indent=2, sort_keys=True, default=_as_json) + "\n"
    if not file.exists() or os.environ.get(UPDATE):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(now, encoding="utf-8")
        return
    then = file.read_text(encoding="utf-8")
    if then != now:
        lines = difflib.unified_diff(
            then.splitlines(), now.splitlines(), "as it was", "as it is", lineterm=""
        )
        said = f"'{name}' is not as it was. If it should be so, delete {file.name} or set {UPDATE}=1."
        raise AssertionError("\n".join([said, "", *lines]))


def _values(obj: Any) -> dict[str, Any]:
    if not hasattr(obj, "to_dict"):
        raise TypeError(f"assert_snapshot({obj!r}): give something with to_dict(), or a dictionary.")
    return dict(obj.to_dict())


def _folder(frame: FrameType) -> Path:
    """Beside the test that asks: the nearest caller whose file is called `test_...`, else the nearest."""
    nearest, caller = Path(frame.f_code.co_filename), frame
    while caller.f_back is not None and not Path(caller.f_code.co_filename).name.startswith("test_"):
        caller = caller.f_back
    test = Path(caller.f_code.co_filename)
    file = test if test.name.startswith("test_") else nearest
    return file.parent / "__snapshots__" / file.stem


def _as_json(value: Any) -> Any:
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    raise TypeError(f"{value!r} is no value that JSON has: leave its field out by exclude=[...].")
