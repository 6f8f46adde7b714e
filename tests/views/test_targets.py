"""What is no file name is refused by all that can be saved, with one that would do."""

from typing import Any

import pytest

from ddd_kit.exceptions import IncorrectUsageError
from shops import seed

DOORWAYS = {
    'save_html(5): give the name of a file, as in save_html("session.html").': lambda d: d.save_html(5),
    'save_html(b"run.html")'.replace('"', "'"): lambda d: d.save_html(b"run.html"),
    'save(5): give the name of a file, as in save("map.svg").': lambda d: d.map().save(5),
    'save(None): give the name of a file, as in save("run.mmd").': lambda d: d.mermaid().save(None),
    "save(''): give the name of a file, as in save(\"run.py\").": lambda d: d.test_from().save(""),
}


@pytest.mark.parametrize("text", DOORWAYS)
def test_what_names_no_file_is_refused_with_one_that_would_do(text: str) -> None:
    domain: Any = seed().domain
    with pytest.raises(IncorrectUsageError) as error:
        DOORWAYS[text](domain)
    assert str(error.value).startswith(text)
