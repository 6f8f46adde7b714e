"""Answers to the exercises on event sourcing."""

from ddd_kit.workshop.course import EXERCISES
from tests.workshop.answers_of import Answers, Wrong, base

_RIGHT = """
    @apply
    def more(self, event: CopiesReceived):
        self.in_stock = self.in_stock + event.copies

    @apply
    def fewer(self, event: CopiesSold):
        self.in_stock = self.in_stock - event.copies

    @apply
    def so_many(self, event: CopiesCounted):
        self.in_stock = event.copies
"""
_BY_NAME = '''
    def _by(self, by):
        """What both have in common."""
        self.in_stock += by

    @apply
    def a(self, event: "CopiesReceived"):
        self._by(event.copies)

    @apply
    def b(self, event: "CopiesSold") -> None:
        self._by(-event.copies)

    @apply
    def c(self, event: "CopiesCounted"):
        self._by(event.copies - self.in_stock)
'''


def _applied(old: str = "", new: str = "") -> str:
    assert old in _RIGHT
    return base("apply-events") + _RIGHT.replace(old, new)


_STRAY = _applied("self.in_stock = self.in_stock + event.copies", "pass").replace(
    "    def receive(self, copies):\n", "    def receive(self, copies):\n        self.in_stock += copies\n"
)

_GIVE_BACK = base("refund").replace(
    "# Your event:\n",
    '@shop.event(part_of="GiftCard")\nclass GiftCardRefunded:\n'
    "    card_id = Identifier(required=True)\n    amount = Integer(required=True)\n",
)
_METHODS = """
    def refund(self, amount):
        paid = self.worth - self.balance
        if amount > paid:
            raise ValidationError({"amount": [f"may be {paid} at most"]})
        self.raise_(GiftCardRefunded(card_id=self.card_id, amount=amount))

    @apply
    def given_back(self, event: GiftCardRefunded):
        self.balance = self.balance + event.amount
"""
_INVARIANT = """
    @invariant.post
    def not_more_than_it_was_sold_for(self):
        if self.balance > self.worth:
            raise ValidationError({"balance": ["is too much"]})

    def refund(self, amount):
        self.raise_(GiftCardRefunded(card_id=self.card_id, amount=amount))

    @apply
    def given_back(self, event: GiftCardRefunded):
        self.balance += event.amount
"""
_REFUSES_LATE = """
    def refund(self, amount):
        self.raise_(GiftCardRefunded(card_id=self.card_id, amount=amount))

    @apply
    def given_back(self, event: GiftCardRefunded):
        if self.balance + event.amount > self.worth:
            raise ValidationError({"amount": ["is too much"]})
        self.balance += event.amount
"""


def _refund(old: str = "", new: str = "", methods: str = _METHODS) -> str:
    assert old in methods
    return _GIVE_BACK + methods.replace(old, new)


_UPCASTER = """
@shop.upcaster(event_type="GiftCardSold", from_version=1, to_version=2)
class Pounds:
    def upcast(self, data):
        data["amount"] = 100 * data.pop("pounds")
        data["currency"] = "GBP"
        return data
"""


def _upcast(old: str = "", new: str = "") -> str:
    assert old in _UPCASTER
    return base("old-pounds") + _UPCASTER.replace(old, new)


ANSWERS = {
    "apply-events": Answers(
        right=_applied(),
        alternative=base("apply-events") + _BY_NAME,
        wrong=[
            Wrong(base("apply-events"), "does not know what CopiesReceived changes", "Ten copies"),
            Wrong(_applied("self.in_stock + event", "event"), "there are 5", "Ten copies"),
            Wrong(_STRAY, "changed without an event", "Which methods may change"),
            Wrong(_applied("self.in_stock - event", "self.in_stock + event"), "there are 15", "three are"),
            Wrong(
                _applied("        self.in_stock = event.copies", "        self.in_stock += event.copies"),
                "there are 17",
                "has counted six",
            ),
            Wrong(
                _applied(
                    "        self.in_stock = self.in_stock - event.copies",
                    "        if event.copies > self.in_stock:\n"
                    '            raise ValueError("so many are not there")\n'
                    "        self.in_stock -= event.copies",
                ),
                "so many are not there",
                "stands at the till",
            ),
            Wrong(
                _applied("self.in_stock - event.copies", "max(0, self.in_stock - event.copies)"),
                "there are 3",
                "stands at the till",
            ),
        ],
    ),
    "refund": Answers(
        right=_refund(),
        alternative=_GIVE_BACK.replace("import Domain, apply", "import Domain, apply, invariant")
        + _INVARIANT,
        wrong=[
            Wrong(base("refund"), "no event `GiftCardRefunded`", "has to be there"),
            Wrong(_GIVE_BACK, "no method `refund`", "has to be there"),
            Wrong(
                _refund("self.raise_(GiftCardRefunded(card_id=self.card_id, amount=amount))", "pass"),
                "no `GiftCardRefunded` was raised",
                "Only events",
            ),
            Wrong(
                _refund(
                    "self.raise_(GiftCardRefunded(card_id=self.card_id, amount=amount))",
                    "self.balance += amount",
                ),
                "changed without an event",
                "Which methods may change",
            ),
            Wrong(_refund("self.balance + event", "self.balance - event"), "there are 22", "come, or go"),
            Wrong(
                _refund("amount=amount))", "amount=self.balance + amount))"), "there are 68", "come, or go"
            ),
            Wrong(_refund("card_id=self.card_id", "card_id=self.worth"), "and `50`", "in ten years"),
            Wrong(_refund("amount > paid", "False"), "it was done", "get 21 back"),
            Wrong(_refund("amount > paid", "amount >= paid"), "may be 20 at most", "get 21 back"),
            Wrong(_refund(methods=_REFUSES_LATE), "15 refunded", "the event is old"),
            Wrong(
                _refund("self.balance + event.amount", "min(self.worth, self.balance + event.amount)"),
                "50 were found",
                "the event is old",
            ),
        ],
    ),
    "old-pounds": Answers(
        right=_upcast(),
        alternative=EXERCISES["old-pounds"].solution.replace(
            'data["card_id"], "amount"', 'str(data["card_id"]), "amount"'
        ),
        wrong=[
            Wrong(base("old-pounds"), "'amount'", "Who translates"),
            Wrong(_upcast("        return data\n"), "has to return", "What comes back"),
            Wrong(
                _upcast("from_version=1, to_version=2", "from_version=2, to_version=3"),
                "'amount'",
                "From which",
            ),
            Wrong(_upcast('data["amount"]', 'data["pence"]'), "'amount'", "Which fields does"),
            Wrong(_upcast('data.pop("pounds")', 'data["amount"]'), "KeyError", "of version 1"),
            Wrong(_upcast("100 * ", ""), "50 and 20 pence", "How many pence"),
            Wrong(_upcast('100 * data.pop("pounds")', "5000"), "5000 and 5000 pence", "How many pence"),
            Wrong(_upcast('        data["currency"] = "GBP"\n'), "'EUR'", "euros or pounds"),
            Wrong(
                base("old-pounds").replace("version=2", "version=1") + _UPCASTER,
                "of version 1 now",
                "two classes",
            ),
        ],
    ),
}
