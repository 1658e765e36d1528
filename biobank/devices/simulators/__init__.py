"""Devices played from their makers' pages: what each would put on the wire for a person or a label."""
