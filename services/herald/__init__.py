"""
The herald: carries what the register accepted into every market, changing nothing.
"""
