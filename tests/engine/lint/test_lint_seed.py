"""What the lint says of the models that the kit shows."""

from __future__ import annotations

import seed_model
from ddd_kit.engine.lint.findings import findings


def test_of_the_seeds_model_only_the_notification_is_found_which_nobody_waits_for():
    found = findings(seed_model.domain)
    assert [(finding.rule, finding.element) for finding in found] == [("UNHANDLED_EVENT", "NotificationSent")]
