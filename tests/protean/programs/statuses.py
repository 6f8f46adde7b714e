"""A status that knows what may follow what."""

from enum import Enum

from protean import Domain
from protean.exceptions import ValidationError
from protean.fields import Status, String

domain = Domain(name="Library")


class LoanStatus(Enum):
    ASKED = "asked"
    OUT = "out"
    BACK = "back"
    LOST = "lost"


@domain.aggregate
class Loan:
    title = String()
    status = Status(
        LoanStatus,
        default="asked",
        transitions={
            LoanStatus.ASKED: [LoanStatus.OUT],
            LoanStatus.OUT: [LoanStatus.BACK, LoanStatus.LOST],
            LoanStatus.LOST: [LoanStatus.BACK],
        },
    )


def attempt(action):
    try:
        return action()
    except ValidationError as error:
        return dict(error.messages)


domain.init(traverse=False)

with domain.domain_context():
    loan = Loan(title="Emma")
    print(
        loan.status,
        loan.can_transition_to("status", LoanStatus.OUT),
        loan.can_transition_to("status", "lost"),
    )
    print(sorted(attempt(lambda: setattr(loan, "status", LoanStatus.LOST.value))), loan.status)
    loan.status = LoanStatus.OUT.value
    print(loan.status)
    domain.repository_for(Loan).add(loan)
    loan = domain.repository_for(Loan).get(loan.id)
    loan.status = "back"
    print(loan.status, sorted(attempt(lambda: setattr(loan, "status", "out"))))
    print(sorted(attempt(lambda: setattr(loan, "status", "burnt"))), loan.status)
    print(Loan(status="lost").status)
