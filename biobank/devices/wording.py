"""Words on their way to the server: one printable line of a length it takes."""

LIMIT = 400


def one_line(text: str) -> str:
    """The text with anything that cannot be printed made a space, cut at 400 characters."""
    return "".join(character if character.isprintable() else " " for character in text)[:LIMIT]
