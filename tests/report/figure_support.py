"""What tests of drawings share: a name that must be escaped, and real colours in the place of their names."""

HOSTILE = '<script>alert("x")</script>'


def painted(value):
    """The drawing with a real colour in the place of each colour's name."""
    if isinstance(value, dict):
        return {key: painted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [painted(item) for item in value]
    return "#123456" if isinstance(value, str) and value.startswith("var(--") else value
