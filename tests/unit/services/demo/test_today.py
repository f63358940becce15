"""What needs a coordinator today, read from nothing but their own queue."""

from services.demo.today import today
from tests.unit.services.demo.queues import match, ranked, sent, told

ROSE, GLEN = "zedford-r-rose", "zedford-r-glen"
ASKED = told("FactAsked", {"resident": GLEN, "fact": "right_to_work", "opportunity": "zedford-o-1"})


def test_a_match_is_shown_with_its_evidence_and_what_is_missing() -> None:
    best = match(missing=["Nothing said so far meets “driving”."], unknown=["travel_suits"])

    page = today("northgate", heard=[ranked(ROSE, best, match(), reference="NH-1")], said=[])

    (found,) = page.matches
    assert (found.reference, found.title, found.of) == ("NH-1", "Roofer's mate", 2)
    assert found.why == tuple(best["why"])
    assert found.missing == ("Nothing said so far meets “driving”.",)
    assert found.unknown == ("How far can the resident travel?",)


def test_the_last_list_of_a_resident_is_the_one_that_counts() -> None:
    lists = [
        ranked(ROSE, match(title="First"), reference="NH-1"),
        ranked(ROSE, match(title="Second"), reference="NH-1"),
    ]

    assert [each.title for each in today("northgate", heard=lists, said=[]).matches] == ["Second"]


def test_an_empty_list_takes_the_matches_back() -> None:
    lists = [ranked(ROSE, match(), reference="NH-1"), ranked(ROSE, reference="NH-1")]

    page = today("northgate", heard=lists, said=[])

    assert (page.matched, page.matches, page.not_asked) == (0, (), ())


def test_a_question_is_worded_and_names_the_opportunity_that_turns_on_it() -> None:
    heard = [ranked(GLEN, match("zedford-o-1"), reference="NH-2"), ASKED]

    (question,) = today("northgate", heard=heard, said=[]).questions

    assert question.question == "Has the resident's right to work in the UK been checked?"
    assert (question.reference, question.title) == ("NH-2", "Roofer's mate")


def test_a_question_is_done_with_once_its_fact_was_given() -> None:
    answer = sent("FactGiven", {"resident": "NH-2", "asked": ASKED.event["id"]})

    assert today("northgate", heard=[ASKED], said=[answer]).questions == ()


def test_whoever_has_matches_and_was_not_asked_is_named_with_their_best() -> None:
    lists = [ranked(ROSE, match(title="Best"), match(), reference="NH-1")]

    (waiting,) = today("northgate", heard=lists, said=[]).not_asked

    assert (waiting.reference, waiting.best_title, waiting.matches) == ("NH-1", "Best", 2)


def test_whoever_said_yes_or_no_was_asked() -> None:
    lists = [ranked(ROSE, match(), reference="NH-1"), ranked(GLEN, match(), reference="NH-2")]
    wishes = [
        sent("InterestGiven", {"resident": "NH-1", "yes": ["zedford-o-roofer"]}),
        sent("InterestGiven", {"resident": GLEN, "no": ["zedford-o-roofer"]}),
    ]

    assert today("northgate", heard=lists, said=wishes).not_asked == ()
