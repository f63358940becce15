"""
Notices in plain English: what a party should know of its own contracts or people.
"""

from typing import Final

from schemas.answers import NoticeGiven
from services.wording.figures import days_in_words, shown
from services.wording.reasons import CHANGES
from services.wording.refusals import NotWorded, filled

# Braces and brackets as in refusals; `about` is our id, `on` the day from which it holds.
NOTICES: Final = {
    "below_minimum_fit": (
        "The fit of {about} is below the least that the contract sets[, {lawful},] for reserved"
        " positions of [{opportunity}, ]an opportunity that the resident said yes to, so they are"
        " not proposed for it. If the profile leaves something out, update it; if they are"
        " suitable nevertheless: `foothold override {party} {about}[ {opportunity}] --reason ...`."
    ),
    "contract_awaits_agreement": (
        "Contract {about} waits for your agreement[ to version {lawful}]. Once its pledges are"
        " made, agree with `foothold template agreement`: nothing can be posted under it before."
    ),
    "clause_no_longer_agreed": (
        "Reserved positions of {about} did not begin: the contract that is agreed now has no ring"
        " fence in their clause. Amend the posting, or ask the framework owner."
    ),
    "clock_doubted": (
        "Time in {about} leapt by more than a day. Until you confirm that it is right, it stands"
        " still there: no offer ends, no rung opens and no round is held. Check the clocks, then:"
        " `foothold market confirm-clock {party} {about} --by STAFF`."
    ),
    "offers_unanswered": (
        "{about} was tried and left several offers in a row unanswered, so they are paused and"
        " offered nothing. Please make contact, by another way than before: nothing of their"
        " waiting is lost. Once they take part again: `foothold template resumption >"
        " resumption.json`, put their reference in, and `foothold send {party} resumption.json"
        " --as resumption`."
    ),
    "terms_got_worse": (
        "The supplier changed [{lawful} of ][{opportunity}, ]an opportunity for which {about} is"
        " proposed, or in which they have a place, and not for the better. Tell them. A proposal"
        " is offered on these terms once it is released; about a place that they have, speak with"
        " the supplier's office."
    ),
    "windows_lengthened": (
        "The clock of {about} stood still[ for {lawful} minutes]. Every deadline that you were"
        " given before, and that had not passed, lies later by as much, or at the end of the next"
        " working day."
    ),
    "pay_below_later_rate": (
        "From {on} the pay of {about} will be below the lawful minimum[, which is then {lawful}]."
        " Raise it by then."
    ),
    "pay_in_second_year": (
        "From {on} an apprentice of 19 or over who has finished the first year must be paid the"
        " minimum for their age[: at 21 and over {lawful}] ({about})."
    ),
}

# The kind of a notice's lawful figure, where it is not money.
KINDS: Final = {"below_minimum_fit": "fit"}


def notice(given: NoticeGiven) -> str:
    """
    Tell a party what a notice says.

    Raises:
        NotWorded: the notice has no sentence.
    """
    template = NOTICES.get(given.notice)
    if template is None:
        raise NotWorded(f"notice {given.notice} has no sentence")
    words = {
        "about": given.about,
        "lawful": _lawful(given),
        "on": days_in_words(given.on) if given.on else "now",
        "opportunity": given.opportunity,
        "party": given.party,
    }
    return filled(template, words)


def _lawful(given: NoticeGiven) -> str | None:
    if given.notice != "terms_got_worse" or given.lawful_value is None:
        return shown(given.lawful_value, kind=KINDS.get(given.notice, "pence"))
    *others, last = (CHANGES[change] for change in given.lawful_value.split(", "))
    return f"{', '.join(others)} and {last}" if others else last
