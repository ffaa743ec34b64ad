"""What a convolutional network may be built for: images with channels first."""

from __future__ import annotations

from assay.errors import InputError


def require_image(input_shape: tuple[int, ...], architecture: str) -> tuple[int, int, int]:
    """(channels, height, width).

    Raises:
        InputError: the inputs are not images; names the architecture and what to use instead.
    """
    if len(input_shape) != 3:
        raise InputError(
            f"{architecture} needs images of shape (channels, height, width), got inputs of shape {input_shape}; "
            "use MLP for vectors"
        )
    channels, height, width = input_shape
    return channels, height, width
