"""What is asked for, who does it, and what comes back."""

from protean import Domain, handle
from protean.exceptions import IncorrectUsageError, ValidationError
from protean.fields import Identifier, Integer, String

domain = Domain(name="Library")
domain.config["event_processing"] = "sync"
domain.config["command_processing"] = "sync"


@domain.command(part_of="Loan")
class LendBook:
    loan_id = Identifier(identifier=True)
    title = String(required=True)
    weeks = Integer(default=4, max_value=8)


@domain.command(part_of="Loan")
class ExtendLoan:
    loan_id = Identifier(required=True)
    weeks = Integer(required=True)


@domain.event(part_of="Loan")
class LoanExtended:
    loan_id = Identifier(required=True)
    weeks = Integer()


@domain.aggregate
class Loan:
    loan_id = Identifier(identifier=True)
    title = String()
    weeks = Integer(max_value=8)

    def extend(self, weeks):
        self.weeks += weeks
        self.raise_(LoanExtended(loan_id=self.loan_id, weeks=self.weeks))


@domain.command_handler(part_of=Loan)
class Counter:
    @handle(LendBook)
    def lend(self, command: LendBook):
        domain.repository_for(Loan).add(Loan(**command.payload))
        return command.loan_id

    @handle(ExtendLoan)
    def extend(self, command: ExtendLoan):
        loan = domain.repository_for(Loan).get(command.loan_id)
        loan.extend(command.weeks)
        domain.repository_for(Loan).add(loan)


@domain.event_handler(part_of=Loan)
class Letters:
    @handle(LoanExtended)
    def write(self, event: LoanExtended):
        print("dear reader, you have", event.weeks, "weeks now")


def attempt(action):
    try:
        return action()
    except ValidationError as error:
        return dict(error.messages)
    except IncorrectUsageError as error:
        return type(error).__name__


domain.init(traverse=False)

with domain.domain_context():
    wish = LendBook(loan_id="L1", title="Emma")
    print(wish.payload, wish.to_dict()["weeks"], attempt(lambda: setattr(wish, "weeks", 5)), wish.weeks)
    print(domain.process(wish))
    print(domain.process(ExtendLoan(loan_id="L1", weeks=2)))
    print(domain.repository_for(Loan).get("L1").to_dict())
    print(attempt(lambda: LendBook(loan_id="L2")))
    print(attempt(lambda: LendBook(loan_id="L2", title="Dune", weeks=9)))
    print(attempt(lambda: domain.process(ExtendLoan(loan_id="L1", weeks=3))))
    print(domain.repository_for(Loan).get("L1").weeks)
    print(wish == LendBook(loan_id="L1", title="Emma"), wish == wish.loan_id)
    print(domain.command_handler_for(wish).__name__)
