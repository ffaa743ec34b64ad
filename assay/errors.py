"""What means: what you gave us is wrong, and here is how to mend it."""


class InputError(ValueError):
    """The input or the command is wrong; the command line turns it into one line and exit code 2.

    The message names the argument, file, row or column, states the rule, shows the value and
    says what to do.
    """


class RecipeError(InputError):
    """Tricks that cannot stand together, or a trick that needs what the recipe lacks."""


class ClashError(RecipeError):
    """Two tricks that set the same. holder: the class name of the one that is there."""

    def __init__(self, message: str, holder: str) -> None:
        super().__init__(message, holder)
        self.holder = holder

    def __str__(self) -> str:
        return str(self.args[0])


class DivergedError(InputError):
    """A training whose loss is no number any more."""
