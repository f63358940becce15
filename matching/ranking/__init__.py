"""
Who suits what: advice to coordinators, never an allocation.

Read `pipeline` first: it composes the stages, each ignorant of the others, in order.
"""
