"""Subscribers: what hears messages from outside, in the words of those who send them."""

from __future__ import annotations

from typing import Any


class Subscriber:
    """A base for subscribers that are registered with `domain.register`; the decorator needs none.

    A subscriber is the door of the context (Evans, ch. 14: anticorruption layer): it takes a message as it
    comes, a dictionary, and says in the words of this domain what that means, as a rule by a command.
    """

    def __call__(self, payload: dict[str, Any]) -> None:
        """Take a message.

        Args:
            payload: the message, as it was sent.

        Raises:
            NotImplementedError: unless a subscriber says what it does.
        """
        raise NotImplementedError
