"""The evidence that nobody changed the logs: sealed batches of append-only tables, and alarms when one breaks."""
