"""
Answers in columns: yes, no, unknown, and not asked, as small numbers of which the worst is least.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.model import Answer, Check, Eligibility
from matching.ranking.ports import Mask

Column = NDArray[np.float64]
Answers = NDArray[np.int8]

NO, UNKNOWN, YES, NOT_ASKED = range(4)
_ANSWERS = (Answer.NO, Answer.UNKNOWN, Answer.YES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """
    The answers of one side against many.

    Attributes:
        codes: what was looked at, one a row of `answers`.
        answers: shape (n_codes, n); 0 no, 1 unknown, 2 yes, 3 not asked.
    """

    codes: tuple[str, ...]
    answers: Answers

    @property
    def allowed(self) -> Mask:
        """
        Whose answer is not no, shape (n,).
        """
        return np.asarray((self.answers != NO).all(axis=0), np.bool_)

    def of(self, at: int) -> Eligibility:
        """
        Return the answer for one of the many.
        """
        asked = [
            (code, int(answer))
            for code, answer in zip(self.codes, self.answers[:, at], strict=True)
            if answer != NOT_ASKED
        ]
        worst = min((answer for _, answer in asked), default=YES)
        checks = tuple(Check(code=code, answer=_ANSWERS[answer]) for code, answer in asked)
        return Eligibility(answer=_ANSWERS[worst], checks=checks)


def by_margin(margin: Column) -> Answers:
    """
    Answer yes from 0 on, no below, and unknown where a part of it is.
    """
    met = np.where(margin >= 0, YES, NO)
    return np.where(np.isnan(margin), UNKNOWN, met).astype(np.int8)


def unless(not_asked: Mask, answer: NDArray[np.integer]) -> Answers:
    """
    Take an answer back where nothing is asked.
    """
    return np.where(not_asked, NOT_ASKED, answer).astype(np.int8)
