"""Bugs of the replay: forged records that would pass."""

from tests.mutants.mutation import Mutant

REPLAY = "tests/flow/test_replay.py"


def passed_over(name: str, *, old: str, new: str, test: str) -> Mutant:
    file = "services/transport/replaying.py"
    return Mutant(
        name=f"replay: {name}", file=file, old=old, new=new, test=f"{REPLAY}::test_{test}"
    )


MUTANTS = (
    passed_over(
        "a repeat need not have said the same",
        old=" or _mark(told) != _kept_mark(seen):",
        new=":",
        test="an_amended_posting_is_no_repeat_of_its_first_amendment",
    ),
    passed_over(
        "a repeat by content is not decided again",
        old="        return _difference(self.state, said, seen)\n\n    def _set_aside",
        new="        return None\n\n    def _set_aside",
        test="a_fingerprint_that_is_copied_makes_no_repeat_of_what_is_never_one",
    ),
    passed_over(
        "what was set aside is believed",
        old="if decides is not None and seen.cause.release == self.release:",
        new="if decides == ():",
        test="what_a_release_decides_it_did_not_set_aside_as_a_failure",
    ),
    passed_over(
        "what was set aside by another release is a difference",
        old="if decides is not None and seen.cause.release == self.release:",
        new="if decides is not None:",
        test="what_another_release_set_aside_is_told_loudly",
    ),
    passed_over(
        "anything may be written for what was set aside",
        old="        return _compared(seen, fold.quarantine(self.state, said))",
        new="        fold.quarantine(self.state, said)\n        return None",
        test="nothing_but_the_failure_is_written_for_what_was_set_aside",
    ),
    passed_over(
        "time may be ahead of the broker's clock",
        old="    if now > latest:",
        new="    if now > latest and not latest:",
        test="a_real_market_is_as_far_as_the_brokers_clock_and_the_begun_day",
    ),
    passed_over(
        "time may go back",
        old="    if now < state.now:",
        new="    if not now:",
        test="a_real_market_is_as_far_as_the_brokers_clock_and_the_begun_day",
    ),
    passed_over(
        "a day need not have begun",
        old="    if local_day(state, now) > state.day:",
        new="    if not state.day:",
        test="a_real_market_is_as_far_as_the_brokers_clock_and_the_begun_day",
    ),
    passed_over(
        "a simulated market's time moves by itself",
        old="    if state.opened is None or state.opened.clock is not Clock.REAL:",
        new="    if state.opened is None:",
        test="a_simulated_market_is_where_its_last_tick_was",
    ),
)
