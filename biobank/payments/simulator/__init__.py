"""A payment provider of our own that speaks Tremendous's wire, keeps real books and fails when told to."""
