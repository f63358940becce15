"""
Every code of the wire in plain English: refusals, reasons for a fit, questions, notices.

The codes travel; the sentences are made where a person reads them.
"""
