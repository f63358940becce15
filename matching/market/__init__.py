"""
What holds: rules that turn what was said into what is so.

Read `fold` first: it composes the rules, each ignorant of the others, into `decide`
and `evolve`.
"""
