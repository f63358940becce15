"""
What implements the ports of ranking: the only place that loads heavy libraries.

Each is imported on its first use, so that who does not encode does not pay for it.
"""
