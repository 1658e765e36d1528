"""What can be wrong with a label."""


class LayoutError(ValueError):
    """The label cannot be drawn as asked; the text names what is missing or does not fit, and the ways out."""


class TemplateError(LayoutError):
    """A template file breaks the rules of templates, so none of it is used."""


class UnknownTemplate(LayoutError):
    """There is no template of that name; the text lists those there are."""


class BadSymbol(ValueError):
    """The modules are no symbol of their kind, or the text cannot be put into one."""


class StockError(LayoutError):
    """The description of a sheet breaks the rules, or the labels asked for do not go onto it."""


class UnknownStock(LayoutError):
    """There is no sheet of that name; the text lists those there are."""
