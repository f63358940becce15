"""
The notifier: tells each party what became of what it said, and what concerns its people.

It alone writes queues. `handlers` decides from the log who is told what, in `answers` and
`lists`; `letters` makes the message when it is sent, for which it opens sealed text.
"""
