"""
The scenes: each says its events, waits for what must come, and computes its figures.
"""
