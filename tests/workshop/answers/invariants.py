"""Answers to the exercises on invariants."""

from tests.workshop.answers_of import Answers, Wrong, base

_RULE = """
    @invariant.{when}
    def rule(self):
        if {broken}:
            raise ValidationError({{"{field}": ["is not right"]}})
"""


def _rule(field: str, broken: str, when: str = "post") -> str:
    return _RULE.format(when=when, broken=broken, field=field)


def _stock(*rules: str, old: str = "", new: str = "") -> str:
    named = [rule.replace("def rule", f"def rule_{at}") for at, rule in enumerate(rules)]
    return base("no-more-than-there-is").replace(old, new) + "".join(named)


_MORE = _rule("reserved", "self.reserved > self.in_stock")
_LESS = _rule("reserved", "self.reserved < 0")
_IN_RESERVE = (
    "    def reserve(self, copies):\n",
    (
        "    def reserve(self, copies):\n"
        "        if self.reserved + copies > self.in_stock:\n"
        '            raise ValidationError({"reserved": ["is too much"]})\n'
    ),
)


def _order(rule: str, old: str = "", new: str = "") -> str:
    return base("shipped-stays").replace(old, new) + rule


_SHIPPED = 'self.status == "SHIPPED"'
_IN_METHOD = (
    "    def change_quantity(self, quantity):\n",
    (
        "    def change_quantity(self, quantity):\n"
        f"        if {_SHIPPED}:\n"
        '            raise ValidationError({"status": ["is SHIPPED"]})\n'
    ),
)


def _form(*rules: str, old: str = "", new: str = "") -> str:
    begin, _ = base("all-at-once").split("\n    @invariant.post")
    named = [rule.replace("def rule", f"def rule_{at}") for at, rule in enumerate(rules)]
    return begin.replace(old, new) + "".join(named)


_CUSTOMER = _rule("customer", 'self.customer == ""')
_QUANTITY = _rule("quantity", "not self.quantity <= 10")
_TOTAL = _rule("total_amount", "self.total_amount - self.quantity * self.price")

ANSWERS = {
    "no-more-than-there-is": Answers(
        right=_stock(_MORE, _LESS),
        alternative=_stock(
            """
    @property
    def free(self):
        return self.in_stock - self.reserved

    @invariant.post
    def sensible(self):
        wrong = {}
        if self.free < 0:
            wrong["in_stock"] = [f"must be {self.reserved} at least"]
        if self.reserved != abs(self.reserved):
            wrong["reserved"] = ["must not be negative"]
        if wrong:
            raise ValidationError(wrong)
"""
        ),
        wrong=[
            Wrong(
                _stock(_LESS),
                "Reserving 6 of 5 copies has to be refused",
                "between `reserved` and `in_stock`",
            ),
            Wrong(_stock(_LESS, old=_IN_RESERVE[0], new=_IN_RESERVE[1]), "Throwing away 3 of 5", "What else"),
            Wrong(_stock(_MORE), "Releasing 2 copies where 1", "more than was reserved"),
            Wrong(_stock(_MORE.replace(">", ">="), _LESS), "was not possible", "the last copy"),
            Wrong(
                _stock(_MORE.replace("raise ValidationError", "raise ValueError"), _LESS),
                "ValueError",
                "Which one means",
            ),
            Wrong(
                _stock(_MORE.replace("post", "pre"), _LESS),
                "one too late",
                "before a change, or after",
            ),
            Wrong(
                _stock(
                    _MORE.replace('raise ValidationError({"reserved": ["is not right"]})', "return False"),
                    _LESS,
                ),
                "Reserving 6 of 5 copies has to be refused",
                "between `reserved` and `in_stock`",
            ),
        ],
    ),
    "shipped-stays": Answers(
        right=_order(_rule("status", _SHIPPED, "pre")),
        alternative=_order(
            """
    @invariant.pre
    def still_here(self):
        free = {"PENDING", "PAID"}
        if self.status not in free:
            raise ValidationError({"_entity": [f"an order that is {self.status} stays as it is"]})
"""
        ),
        wrong=[
            Wrong(_order(_rule("status", _SHIPPED)), "was not possible", "before the status becomes"),
            Wrong(
                _order("", *_IN_METHOD),
                "`order.quantity = 7` was done, and it is 7 now",
                "does not call your method",
            ),
            Wrong(_order(_rule("status", 'self.status == "shipped"', "pre")), "it is 5 now", "on its way"),
            Wrong(_order(_rule("status", "True", "pre")), "was not possible", "Is this order shipped?"),
            Wrong(
                _order(
                    _rule("status", _SHIPPED, "pre"), '        self.status = "SHIPPED"\n', "        pass\n"
                ),
                "the status is 'PENDING'",
                "have to do",
            ),
        ],
    ),
    "all-at-once": Answers(
        right=_form(_CUSTOMER, _QUANTITY, _TOTAL),
        alternative=_form(
            """
    @invariant.post
    def right(self):
        wrong = {
            "customer": len(self.customer) == 0,
            "quantity": self.quantity > 10,
            "total_amount": self.quantity * self.price != self.total_amount,
        }
        if any(wrong.values()):
            raise ValidationError({field: ["is wrong"] for field, is_so in wrong.items() if is_so})
"""
        ),
        wrong=[
            Wrong(
                base("all-at-once").replace("Change", "I change"), "`customer`, and not of", "ends a method"
            ),
            Wrong(
                _form(
                    _CUSTOMER,
                    _TOTAL,
                    old="quantity = Integer(required=True)",
                    new="quantity = Integer(required=True, max_value=10)",
                ),
                "`quantity`, and not of `customer`, `total_amount`",
                "option of a field",
            ),
            Wrong(_form(_CUSTOMER, _QUANTITY), "has to be refused", "Are there still three"),
            Wrong(
                _form(_CUSTOMER, _QUANTITY.replace("<=", "<"), _TOTAL),
                "was not possible",
                "Which rule says no",
            ),
            Wrong(
                _form(_CUSTOMER, _QUANTITY, _TOTAL.replace('{"total_amount": [', '{"quantity": [')),
                "should be refused for its `total_amount`",
                "Are there still three",
            ),
            Wrong(
                _form(
                    _rule(
                        "customer",
                        "not self.customer or self.quantity > 10 or self.total_amount % self.price",
                    ).replace(
                        '{"customer": ["is not right"]}',
                        'dict.fromkeys(("customer", "quantity", "total_amount"), ["no"])',
                    )
                ),
                "Only `customer` is wrong",
                "complains although it holds",
            ),
        ],
    ),
}
