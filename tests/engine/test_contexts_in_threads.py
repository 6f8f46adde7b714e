"""Domain contexts in threads, which begin without any."""

from concurrent.futures import ThreadPoolExecutor

from ddd_kit import Domain, g


def test_a_domain_context_opens_in_a_thread_that_has_none():
    """What `g` holds in it is the thread's own."""
    domain = Domain(name="Bookshop")

    def who(user):
        with domain.domain_context(user=user):
            return g.user

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(who, ["Ann", "Bob"])) == ["Ann", "Bob"]
