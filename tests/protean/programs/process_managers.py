"""One process over several aggregates: an order, its payment, its parcel."""

from protean import Domain, handle
from protean.fields import Identifier, String
from protean.utils.globals import current_domain

domain = Domain(name="Bookshop")
domain.config["event_processing"] = "sync"
domain.config["command_processing"] = "sync"


@domain.event(part_of="Order")
class OrderPlaced:
    order_id = Identifier(required=True)


@domain.event(part_of="Order")
class OrderClosed:
    order_id = Identifier(required=True)


@domain.event(part_of="Payment")
class PaymentMade:
    payment_id = Identifier(required=True)
    order = Identifier(required=True)


@domain.event(part_of="Payment")
class PaymentRefused:
    order = Identifier(required=True)
    reason = String()


@domain.command(part_of="Payment")
class AskForPayment:
    order_id = Identifier(required=True)


@domain.command(part_of="Order")
class CloseOrder:
    order_id = Identifier(required=True)


@domain.aggregate
class Order:
    title = String()
    status = String(default="open")

    def close(self):
        self.status = "closed"
        self.raise_(OrderClosed(order_id=self.id))


@domain.aggregate
class Payment:
    order = Identifier()

    def make(self):
        self.raise_(PaymentMade(payment_id=self.id, order=self.order))

    def refuse(self, reason):
        self.raise_(PaymentRefused(order=self.order, reason=reason))


@domain.command_handler(part_of=Payment)
class Till:
    @handle(AskForPayment)
    def ask(self, command):
        print("please pay for", command.order_id)
        domain.repository_for(Payment).add(Payment(id=f"p-{command.order_id}", order=command.order_id))


@domain.command_handler(part_of=Order)
class Desk:
    @handle(CloseOrder)
    def close(self, command):
        order = domain.repository_for(Order).get(command.order_id)
        order.close()
        domain.repository_for(Order).add(order)


@domain.process_manager(stream_categories=["bookshop::order", "bookshop::payment"])
class Fulfilment:
    order_id = Identifier()
    payment_id = Identifier()
    status = String(default="new")

    @handle(OrderPlaced, start=True, correlate="order_id")
    def placed(self, event: OrderPlaced):
        self.order_id = event.order_id
        self.status = "unpaid"
        current_domain.process(AskForPayment(order_id=event.order_id))

    @handle(PaymentMade, correlate={"order_id": "order"})
    def paid(self, event: PaymentMade):
        self.payment_id = event.payment_id
        self.status = "paid"
        current_domain.process(CloseOrder(order_id=self.order_id))

    @handle(PaymentRefused, correlate={"order_id": "order"}, end=True)
    def refused(self, event: PaymentRefused):
        self.status = "refused"
        print("refused:", event.reason)

    @handle(OrderClosed, correlate="order_id")
    def closed(self, event: OrderClosed):
        self.status = "done"
        print("done:", self.order_id, self.payment_id)
        self.mark_as_complete()


def place(identity):
    order = Order(id=identity, title="Emma")
    order.raise_(OrderPlaced(order_id=order.id))
    domain.repository_for(Order).add(order)


def pay(identity):
    payment = domain.repository_for(Payment).get(f"p-{identity}")
    payment.make()
    domain.repository_for(Payment).add(payment)


domain.init(traverse=False)

with domain.domain_context():
    place("o-1")
    pay("o-1")
    print(domain.repository_for(Order).get("o-1").status)
    pay("o-1")  # nothing more comes of it: the process is over

    place("o-2")
    payment = domain.repository_for(Payment).get("p-o-2")
    payment.refuse("no money")
    domain.repository_for(Payment).add(payment)
    pay("o-2")
    print(domain.repository_for(Order).get("o-2").status)

    pay_before_order = Payment(order="o-3")
    pay_before_order.make()
    domain.repository_for(Payment).add(pay_before_order)
    print(Fulfilment.meta_.stream_categories)
