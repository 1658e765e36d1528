"""The seam between requests and actions: transactions, JSON API, pages, headers, cross-site guard, languages."""
