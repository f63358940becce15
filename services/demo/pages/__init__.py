"""
The scenes on the screen: figures as tables and sentences, and nothing that is not computed.
"""
