"""
The story of one year in one invented borough, played through the real inboxes.
"""
