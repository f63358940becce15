"""
How each database came to its tables: one folder a stream, forwards only.
"""
