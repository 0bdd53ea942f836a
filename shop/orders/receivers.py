"""What the shop does when the outbox has settled a write."""
