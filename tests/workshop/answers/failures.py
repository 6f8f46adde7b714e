"""Answers to the exercises on failures."""

from tests.workshop.answers_of import Answers, Wrong, base


def _changed(name: str, *pairs: tuple[str, str]) -> str:
    code = base(name)
    for old, new in pairs:
        assert old in code
        code = code.replace(old, new)
    return code


# twice-is-once

_FIELD = "    in_stock = Integer(required=True)\n"
_OFF = """        inventory.in_stock -= event.quantity
        shop.repository_for(Inventory).add(inventory)
"""
_LIST = (_FIELD, _FIELD + "    orders: list[str] = []\n")
_LAST = (_FIELD, _FIELD + "    last = String()\n")
_IF_NEW = """        if event.order_id not in inventory.orders:
            inventory.orders = inventory.orders + [event.order_id]
            inventory.in_stock -= event.quantity
            shop.repository_for(Inventory).add(inventory)
"""
_SEPARATE = """

@shop.aggregate
class TakenOff:
    order_id = Identifier(identifier=True)


@shop.event_handler(part_of=Inventory, stream_category="order")
class ManageInventory:
    @handle(OrderShipped)
    def hear(self, event):
        if shop.repository_for(TakenOff).query.filter(order_id=event.order_id).all().total:
            return
        shop.repository_for(TakenOff).add(TakenOff(order_id=event.order_id))
        inventories = shop.repository_for(Inventory)
        inventory = inventories.find_by(book_id=event.book_id)
        inventory.in_stock -= event.quantity
        inventories.add(inventory)
"""


def _once(body: str, field: tuple[str, str] = _LIST) -> str:
    return _changed("twice-is-once", field, (_OFF, body))


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
            Wrong(base("twice-is-once"), "came twice, and 4 are left", "this very order"),
            Wrong(
                _once(
                    "        if inventory.last == event.order_id:\n            return\n"
                    "        inventory.last = event.order_id\n" + _OFF,
                    _LAST,
                ),
                "both came again: of 10 copies 0",
                "enough to remember the last",
            ),
            Wrong(
                _once(_IF_NEW.replace("event.order_id", "str(event.quantity)")),
                "took 3 each",
                "Ada orders three, and Ben",
            ),
            Wrong(
                _changed(
                    "twice-is-once",
                    ("@shop.event_handler", "seen = set()\n\n\n@shop.event_handler"),
                    (
                        _OFF,
                        "        if event.order_id in seen:\n            return\n"
                        "        seen.add(event.order_id)\n" + _OFF,
                    ),
                ),
                "there are still 10, though the handler ran",
                "in another world before",
            ),
            Wrong(
                _once(_IF_NEW.replace("            shop.repository_for(Inventory).add(inventory)\n", "")),
                "there are still 10, though the handler ran",
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
