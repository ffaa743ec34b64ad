"""Image files to byte tensors: upright, grey or RGB, complete or refused by name."""

from __future__ import annotations

import re
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageFile, ImageOps
from torch import Tensor

from assay.errors import InputError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"})
GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N"})
MOST_PIXELS = 89_000_000
"""Just under Pillow's own warning for decompression bombs (a 9,400-pixel square)."""
PIXELS_TOLD = re.compile(r"\((\d+) pixels\)")
"""In what Pillow says of images that it will not open."""
ORIENTATION_TAG = 0x0112


def decode_image(
    path: Path, *, channels: int | None = None, size: tuple[int, int] | None = None, resize: bool = False
) -> UInt8[Tensor, "channels height width"]:
    """Decode one file: turned upright by its EXIF tag, transparency laid on white, 16 bits cut to 8.

    Of an animation the first frame is read.

    Args:
        channels: 1 or 3; by default what the file holds.
        size: (height, width) the image must have.
        resize: scale (bilinear, antialiased, aspect not kept) instead of refusing another size.
    Raises:
        InputError: unreadable, truncated, too large, or of another size while `resize` is off.
    """
    with opened(path) as image:
        mode = "L" if (channels or (1 if image.mode in GREY_MODES else 3)) == 1 else "RGB"
        # exif_transpose copies every image; few carry a tag.
        turned = ImageOps.exif_transpose(image) if orientation_of(image) != 1 else image
        upright = flatten(turned, str(path)).convert(mode)
        if size is not None and (upright.height, upright.width) != size:
            if not resize:
                found, wanted = f"{upright.height}x{upright.width}", f"{size[0]}x{size[1]}"
                raise InputError(
                    f"{path}: this image is {found} (height x width), wanted {wanted}; resize the file to {wanted}"
                )
            upright = upright.resize((size[1], size[0]), Image.Resampling.BILINEAR)
        pixels = np.array(upright)
    return torch.from_numpy(pixels[None] if mode == "L" else np.ascontiguousarray(pixels.transpose(2, 0, 1)))


def flatten(image: Image.Image, where: str) -> Image.Image:
    """Bytes out of any mode: deep pixels cut to 8 bits, transparency laid on white.

    Args:
        where: the file or item, for errors.
    Raises:
        InputError: pixels without a fixed range, or deeper than 16 bits.
    """
    if image.mode == "F":
        raise InputError(f"{where}: pixels are floating-point numbers, which have no fixed range; save it as 8 bits")
    if image.mode.startswith("I"):
        deep = np.asarray(image).astype(np.int64)
        if deep.min() < 0 or deep.max() > 65535:
            span = f"{deep.min()}..{deep.max()}"
            raise InputError(f"{where}: pixels must be 8 or 16 bits, got values in {span}; save it as 8 bits")
        return Image.fromarray((deep >> 8).astype(np.uint8))
    if has_alpha(image):
        grey = image.mode in ("LA", "La", "L")
        solid = image.convert("RGBA")
        white = Image.new("RGBA", solid.size, (255, 255, 255, 255))
        flat = Image.alpha_composite(white, solid)
        return flat.convert("L") if grey else flat.convert("RGB")
    return image


def orientation_of(image: Image.Image) -> int:
    """The EXIF tag, 1 (upright) to 8; damaged metadata says nothing, and its picture may be whole."""
    try:
        found = image.getexif().get(ORIENTATION_TAG, 1)
    except (SyntaxError, ValueError, KeyError, struct.error):
        return 1
    return found if found in range(1, 9) else 1


def has_alpha(image: Image.Image) -> bool:
    """Whether pixels may be transparent."""
    return "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa")


def _say_too_large(path: Path, pixels: int) -> str:
    return (
        f"{path}: {pixels:,} pixels are too many to decode; the limit is {MOST_PIXELS:,}, a square of 9,400; replace "
        "or remove the file"
    )


@contextmanager
def opened(path: Path) -> Iterator[ImageFile.ImageFile]:
    """Open and close one image; whatever a decoder raises becomes one line that names the file."""
    try:
        # To open a named pipe is to wait for whoever writes into it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path}: not a file but a folder, pipe, socket or device; replace or remove the file")
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InputError(_say_too_large(path, image.width * image.height))
            yield image
    except InputError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        found = PIXELS_TOLD.search(str(error))
        raise InputError(_say_too_large(path, int(found.group(1)) if found else MOST_PIXELS)) from error
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; check the path") from error
    except Image.UnidentifiedImageError as error:
        found = "not an image that can be read" if path.stat().st_size else "an empty file (0 bytes)"
        raise InputError(f"{path}: {found}; replace or remove the file") from error
    # Pillow's decoders raise OSError, SyntaxError, struct.error, IndexError and more on damaged files.
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"{path}: unreadable or truncated image ({reason}); replace or remove the file") from error
