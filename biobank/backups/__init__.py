"""Backups of both databases: encrypted, restored beside what is live, checked there, and only then put in its place."""
