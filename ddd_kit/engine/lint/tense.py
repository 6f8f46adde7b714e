"""Whether the name of an event says that something has happened.

A small list stands in for a library: those that know English verbs are large, or not kept any more.
"""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def _listed(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


# Past forms that do not end in "ed", and are not like the present.
_IRREGULAR = _listed(
    """
    arisen arose ate awoke awoken beaten became become been began begun bent bidden bit bitten blew
    blown born borne bought bound bred broke broken brought built burnt came caught chose chosen
    clung come crept dealt did done dove drank drawn dreamt drew driven drove drunk dug dwelt eaten
    fallen fed fell felt fled flew flown flung forbade forbidden foregone foreseen forgave forgiven
    forgone forgot forgotten forsaken fought found froze frozen gave given gone got gotten grew
    ground grown had heard held hid hidden hung inlaid kept knelt knew known laid lain lay leapt
    learnt led left lent lit lost made meant met mislaid misled misspelt mistaken mistook mown
    outbid outdone outgrown outrun outsold overcame overcome overdrawn overdrew overheard overpaid
    overridden overrode overrun overseen overslept oversold overtaken overthrown overtook
    overwritten overwrote paid partaken pled prepaid proven ran rang rebound rebuilt redone redrawn
    refound regrew regrown rehung relaid relit remade repaid reran resent resold retaken rethought
    retold retook rewound rewritten rewrote ridden risen rode rose rung said sang sank sat saw sawn
    seen sent sewn shaken shone shook shorn shot shown shrank shrunk shrunken slain slept slid slung
    smelt sold sought sown spat sped spelt spent spilt spoke spoken sprang sprung spun stole stolen
    stood strewn stricken striven strode strove struck strung stuck stung stunk sung sunk swam swept
    swollen swore sworn swum swung taken taught thought threw thrown told took tore torn trod
    trodden unbound underpaid understood undertaken undertook undid undone unfrozen unpaid unsold
    unwound upheld was went wept were withdrawn withdrew withheld withstood woke woken won wore worn
    wound wove woven written wrote wrung
    """
)
# Past forms that are like the present: it depends on where they stand.
_ALIKE = _listed(
    """
    beat bet bid broadcast burst cast cost cut fit forecast hit hurt inset knit let misread offset
    preset put quit read recast reread rerun reset rid set shed shut slit split spread sublet thrust
    upset
    """
)
# They end in "ed" and are no past forms.
_NOT_PAST = _listed(
    """
    bed bleed breed creed deed embed exceed feed greed heed hundred indeed need newsfeed proceed red
    reed seed sled speed steed succeed wed weed
    """
)


def words(name: str) -> list[str]:
    """The words of a name in camel case, in lower case.

    Args:
        name: of a class.

    Returns:
        Words; numbers and a closing `Event` are left out.

    Example:
        >>> words("OrderShippedEventV2")
        ['order', 'shipped']
    """
    found = [word.lower() for word in _WORDS.findall(re.sub(r"V\d+$", "", name))]
    while len(found) > 1 and found[-1] in ("event", "v"):
        found.pop()
    return found


def says_past(name: str) -> bool:
    """Whether a name says that something has happened.

    Args:
        name: of an event class.

    Returns:
        Whether one of its words is a past form; one that is like the present, as `set`, counts only behind
        others.

    Example:
        >>> [says_past(name) for name in ("OrderShipped", "PriceSet", "ShipOrder", "SetPrice", "FeedFound")]
        [True, True, False, False, True]
    """
    found = words(name)
    return any(_is_past(word, first=place == 0 < len(found) - 1) for place, word in enumerate(found))


def _is_past(word: str, *, first: bool) -> bool:
    if word in _IRREGULAR or (word in _ALIKE and not first):
        return True
    return word.endswith("ed") and len(word) > 3 and word not in _NOT_PAST
