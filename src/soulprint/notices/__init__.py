"""The outbox. In: what a pass came to. Out: mail, a signed webhook, an alert."""
