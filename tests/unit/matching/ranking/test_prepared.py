import numpy as np
import pytest
from hypothesis import given

from matching.model import OpportunityProfile, ResidentProfile
from matching.ranking.pipeline import Prepared, fit
from matching.ranking.prepared import NotPrepared
from tests.unit.matching.ranking import trades
from tests.unit.matching.ranking.trades import AMAL, CLEANER, CONSTANTS, ready


@given(trades.residents | trades.opportunities)
def test_what_was_kept_as_bytes_is_read_as_it_was(
    profile: ResidentProfile | OpportunityProfile,
) -> None:
    prepared = ready(profile)

    read = Prepared.from_bytes(prepared.to_bytes())

    assert read.to_bytes() == prepared.to_bytes()
    assert np.array_equal(read.phrases, prepared.phrases)
    assert (read.id, read.side, read.sought) == (prepared.id, prepared.side, prepared.sought)
    assert read.phrase_hashes == prepared.phrase_hashes


def test_what_was_kept_fits_as_before() -> None:
    kept = Prepared.from_bytes(ready(AMAL).to_bytes())

    before = fit(ready(CLEANER), ready(AMAL), constants=CONSTANTS)
    assert fit(ready(CLEANER), kept, constants=CONSTANTS) == before


@pytest.mark.parametrize("cut", [0, 3, 9, 40, -1])
def test_bytes_that_are_cut_are_not_read(cut: int) -> None:
    with pytest.raises(NotPrepared):
        Prepared.from_bytes(ready(AMAL).to_bytes()[:cut])


def test_bytes_of_something_else_are_not_read() -> None:
    with pytest.raises(NotPrepared, match="this version"):
        Prepared.from_bytes(b'{"prepared": true}')
