"""
A year invented and played through the real fold, to see what the rules of a fence bring.
"""
