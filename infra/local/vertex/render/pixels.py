"""What a picture is here."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # height x width x 3, RGB


def as_pixels(array: NDArray[Any]) -> Pixels:
    """Name as pixels what OpenCV and NumPy type as any array; values 0..255 are cut to whole numbers."""
    return array.astype(np.uint8, copy=False)
