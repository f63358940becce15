"""
Readiness: a resident is ready for work, or not yet, as an assessor says.
"""

from schemas.vocabulary import Code, Coded, Date, Reference, event


@event(about="resident")
class ReadinessChanged:
    """
    A resident became ready or ceased to be. The same value again restarts nothing.
    """

    resident: Coded[Reference]
    ready: Coded[bool]
    evidence: Coded[Code]
    assessor_role: Coded[Code]
    assessed_on: Coded[Date]
