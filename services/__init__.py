"""
The shell: one folder a worker, and what the workers share.

Each worker has `handlers` (event, ports and time in, events out) and `agents` (its place
in the transport). `topology` holds the flow between them as data.
"""
