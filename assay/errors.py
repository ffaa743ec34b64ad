"""What means: what you gave us is wrong, and here is how to mend it."""


class InputError(ValueError):
    """The input or the command is wrong; the command line turns it into one line and exit code 2.

    The message names the argument, file, row or column, states the rule, shows the value and
    says what to do.
    """


class RecipeError(InputError):
    """Tricks that cannot stand together, or a trick that needs what the recipe lacks."""
