"""
How far apart two places are.
"""

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_METRES = 6_371_008.8

Column = NDArray[np.float64]


def metres_between(
    lat: Column, lon: Column, other_lat: Column, other_lon: Column
) -> NDArray[np.float64]:
    """
    Measure along the great circle.

    Args:
        lat: latitude of the one place in radians, as are all four.
        lon: its longitude.
        other_lat: latitude of the other place.
        other_lon: its longitude.

    Returns:
        Metres, by the haversine formula on the mean radius of the earth.
    """
    half = np.sin((other_lat - lat) / 2) ** 2
    half = half + np.cos(lat) * np.cos(other_lat) * np.sin((other_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(half, 1))))
