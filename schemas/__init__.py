"""
The wire: every event that crosses a boundary, defined once.

Layers, top first: `publishing` (what partners read) -> `codec` (the only place with a
validator) -> `log_record` -> one noun a module, ignorant of each other -> `envelope` ->
`vocabulary`.
"""
