"""
The core: pure functions on values, with numpy and the standard library.

Two rooms that do not know each other: `ranking`, who suits what, and `market`, what
holds. No input or output, no clock, no chance, no logging: the same input gives the
same output, so that a replayed log gives the same offers.
"""
