"""Answers to the exercises on failures."""

from tests.workshop.answers_of import Answers, Wrong, base


def _changed(name: str, *pairs: tuple[str, str]) -> str:
    code = base(name)
    for old, new in pairs:
        assert old in code
        code = code.replace(old, new)
    return code


# twice-is-once

_FIELD = "    points = Integer(default=0)\n"
_GIVE = """        card.points += event.quantity
        shop.repository_for(LoyaltyCard).add(card)
"""
_LIST = (_FIELD, _FIELD + "    orders: list[str] = []\n")
_LAST = (_FIELD, _FIELD + "    last = String()\n")
_IF_NEW = """        if event.order_id not in card.orders:
            card.orders = card.orders + [event.order_id]
            card.points += event.quantity
            shop.repository_for(LoyaltyCard).add(card)
"""
_SEPARATE = """

@shop.aggregate
class Given:
    order_id = Identifier(identifier=True)


@shop.event_handler(part_of=LoyaltyCard, stream_category="order")
class GivePoints:
    @handle(OrderShipped)
    def hear(self, event):
        if shop.repository_for(Given).query.filter(order_id=event.order_id).all().total:
            return
        shop.repository_for(Given).add(Given(order_id=event.order_id))
        cards = shop.repository_for(LoyaltyCard)
        card = cards.find_by(customer=event.customer)
        card.points += event.quantity
        cards.add(card)
"""


def _once(body: str, field: tuple[str, str] = _LIST) -> str:
    return _changed("twice-is-once", field, (_GIVE, body))


# call-again

_OPTIONS = 'part_of=Pickup, stream_category="order"'
_CALL = "        call_courier(event.order_id, event.address)\n"
_IN_A_LOOP = """        for _ in range(5):
            try:
                call_courier(event.order_id, event.address)
                break
            except ConnectionError:
                pass
"""
_QUIETLY = """        try:
            call_courier(event.order_id, event.address)
        except {error}:
            {then}
"""


def _again(options: str) -> str:
    return _changed("call-again", (_OPTIONS, f"{_OPTIONS}, {options}"))


def _quietly(error: str, then: str) -> str:
    return _changed("call-again", (_CALL, _QUIETLY.format(error=error, then=then)))


# note-the-failure

_SEND = "        send_mail(event.address)\n"
_TOLD = "        shop.repository_for(Notification).add(Notification(order_id=event.order_id))\n"
_INSIDE = """        try:
            send_mail(event.address)
        except ValueError as error:
            failed = FailedMail(order_id=event.order_id, reason=f"Mail: {error}")
            shop.repository_for(FailedMail).add(failed)
            return
"""
_ERROR = """
    @classmethod
    def handle_error(cls, error, event):
        note = FailedMail(order_id=event.order_id, reason=repr(error))
        shop.repository_for(FailedMail).add(note)
"""


def _noting(*pairs: tuple[str, str]) -> str:
    method = _ERROR
    for old, new in pairs:
        assert old in method
        method = method.replace(old, new)
    return base("note-the-failure") + method


ANSWERS = {
    "twice-is-once": Answers(
        right=_once(_IF_NEW),
        alternative=base("twice-is-once") + _SEPARATE,
        wrong=[
            Wrong(base("twice-is-once"), "came twice, and she has 6 points", "this very order"),
            Wrong(
                _once(
                    "        if card.last == event.order_id:\n            return\n"
                    "        card.last = event.order_id\n" + _GIVE,
                    _LAST,
                ),
                "both came again: she has 10 points",
                "enough to remember the last",
            ),
            Wrong(
                _once(_IF_NEW.replace("event.order_id", "str(event.quantity)")),
                "each message came twice, and she has 3",
                "Ada orders three books, and",
            ),
            Wrong(
                _changed(
                    "twice-is-once",
                    ("@shop.event_handler", "seen = set()\n\n\n@shop.event_handler"),
                    (
                        _GIVE,
                        "        if event.order_id in seen:\n            return\n"
                        "        seen.add(event.order_id)\n" + _GIVE,
                    ),
                ),
                "there are 0 points, though the handler ran",
                "in another world before",
            ),
            Wrong(
                _once(_IF_NEW.replace("            shop.repository_for(LoyaltyCard).add(card)\n", "")),
                "there are 0 points, though the handler ran",
                "Did it save",
            ),
        ],
    ),
    "call-again": Answers(
        right=_again("retries=2, retry_exceptions=(ConnectionError,)"),
        alternative=_changed("call-again", (_CALL, _IN_A_LOOP)),
        wrong=[
            Wrong(base("call-again"), "The handler was called 1 time.", "Would another call help"),
            Wrong(_again("retries=3"), "the handler was called 4 times", "a fourth time"),
            Wrong(
                _again("retries=1, retry_exceptions=(ConnectionError,)"),
                "called 2 times",
                "How many calls does it take",
            ),
            Wrong(_again("retries=3, retry_exceptions=(ValueError,)"), "called 1 time.", "After which one"),
            Wrong(_quietly("ConnectionError", "return"), "No error came out of it", "Nothing failed"),
            Wrong(
                _again("retries=3, retry_exceptions=(ConnectionError,)").replace(
                    _CALL, _QUIETLY.format(error="ValueError", then="pass")
                ),
                "Pickups are booked for: Moon, Paris",
                "does not go to the Moon",
            ),
        ],
    ),
    "note-the-failure": Answers(
        right=_noting(),
        alternative=_changed("note-the-failure", (_SEND, _INSIDE)),
        wrong=[
            Wrong(
                _noting().replace(_TOLD, "        # the mail is out\n"),
                "0 notifications and 0 failed mails",
                "stay as it was",
            ),
            Wrong(base("note-the-failure"), "nobody lives at nowhere", "error because of a mail"),
            Wrong(_noting(("cls, error, event", "cls, error")), "“nowhere” was shipped", "What is it given"),
            Wrong(
                _noting(("        shop.repository_for(FailedMail).add(note)\n", "")),
                "there are 0 failed mails",
                "nobody will know",
            ),
            Wrong(
                _changed("note-the-failure", (_SEND, _INSIDE.replace("            return\n", ""))),
                "3 notifications, 1 failed",
                "How many mails went out",
            ),
            Wrong(
                _noting(("repr(error)", '"failed"')), "The reason of the failed mail", "should the one who"
            ),
            Wrong(
                _changed(
                    "note-the-failure",
                    (
                        _SEND,
                        (
                            "        try:\n            send_mail(event.address)\n"
                            "        except ValueError:\n            return\n"
                        ),
                    ),
                ),
                "there are 0 failed mails",
                "nobody will know",
            ),
        ],
    ),
}
