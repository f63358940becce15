"""Bugs of what waits: windows, duties, reminders, introductions, referrals and challenges."""

from tests.mutants.mutation import Mutant

WHERE = "tests/unit/matching/market"
CLOCKS = f"{WHERE}/test_clocks.py"
INTRODUCED = f"{WHERE}/test_introductions.py"
REFERRED = f"{WHERE}/test_referrals.py"
CONTESTED = f"{WHERE}/test_challenges.py"
DUTIES = f"{WHERE}/test_duties.py"
WORSE = f"{WHERE}/test_worsening.py"
FAULTS = f"{WHERE}/test_clock_faults.py"
RIGHTS = f"{WHERE}/test_rights.py"


def waits(
    name: str, where: str, *, old: str, new: str, test: str, folder: str = "matching/market"
) -> Mutant:
    return Mutant(name=f"clocks: {name}", file=f"{folder}/{where}.py", old=old, new=new, test=test)


MUTANTS = (
    # --- windows and deliveries ---
    waits(
        "a release's window runs from the round",
        "offers",
        old="release_by=window.ends_at,",
        new='release_by=state.clocks[f"offer {offer_id}"],',
        test=f"{CLOCKS}::test_a_window_starts_when_what_is_waited_for_was_delivered",
    ),
    waits(
        "the delivery of another event counts",
        "offers",
        old=" or offer.undelivered != said.data.event:",
        new=":",
        test=f"{WORSE}::test_what_was_not_delivered_yet_is_asked_anew_and_the_first_delivery_counts"
        "_no_more",
    ),
    waits(
        "what is not delivered costs the pair",
        "waiting",
        old="WithdrawalReason.POSITION_CUT, WithdrawalReason.NOT_DELIVERED}",
        new="WithdrawalReason.POSITION_CUT}",
        test=f"{CLOCKS}::test_what_was_not_delivered_in_a_working_day_costs_nobody_anything",
    ),
    waits(
        "a delivery is the partner's to speed up",
        "waiting",
        old="    on = operators(state) if wait is Wait.DELIVERY else (waits_on(offer, wait),)",
        new="    on = (waits_on(offer, wait),)",
        test=f"{WHERE}/test_today.py",
    ),
    waits(
        "a party's own days off are worked",
        "local_time",
        old="        own=entry.party.days_off,\n",
        new="",
        test=f"{DUTIES}::test_days_off_of_its_own_lengthen_a_partners_windows",
    ),
    # --- duties ---
    waits(
        "anybody of the staff releases",
        "offers",
        old="    elif _off_duty(state, said, offer):\n"
        "        yield _off_duty_refusal(state, offer)\n"
        "    elif undisclosed(",
        new="    elif undisclosed(",
        test=f"{DUTIES}::test_only_the_duty_person_answers_in_the_first_half_and_names_themselves",
    ),
    waits(
        "anybody of the staff holds",
        "offers",
        old="    elif _off_duty(state, said, offer):\n"
        "        yield _off_duty_refusal(state, offer)\n"
        '    elif offer.status == "proposed":',
        new='    elif offer.status == "proposed":',
        test=f"{DUTIES}::test_a_hold_of_what_is_offered_needs_somebody_on_duty_too",
    ),
    waits(
        "the deputy acts from the first hour",
        "duties",
        old="    return tuple(there) if late else tuple(there[:1])",
        new="    return tuple(there)",
        test=f"{DUTIES}::test_the_deputy_may_act_as_well_once_half_of_the_time_is_over",
    ),
    waits(
        "the deputy never acts while the duty person is there",
        "duties",
        old="    return tuple(there) if late else tuple(there[:1])",
        new="    return tuple(there[:1])",
        test=f"{DUTIES}::test_the_deputy_may_act_as_well_once_half_of_the_time_is_over",
    ),
    waits(
        "half of a delivery's time lets the deputy act",
        "offers",
        old="    late = offer.remind_at is not None and offer.undelivered is None",
        new="    late = offer.remind_at is not None",
        test=f"{DUTIES}::test_a_proposal_that_is_not_delivered_has_no_second_half",
    ),
    waits(
        "leave ends a day early",
        "duties",
        old="each.first_day <= today <= each.last_day",
        new="each.first_day <= today < each.last_day",
        test=f"{DUTIES}::test_leave_ends_with_its_last_day",
    ),
    waits(
        "where both are away anybody may act",
        "duties",
        old="    return tuple(there) if late else tuple(there[:1])",
        new="    return (tuple(there) if late else tuple(there[:1])) or None",
        test=f"{DUTIES}::test_where_both_are_away_nobody_releases_and_the_resident_loses_nothing",
    ),
    # --- reminders ---
    waits(
        "a reminder is given at every tick",
        "reminders",
        old='    state.clocks.pop(f"remind {reminder.about}", None)',
        new="    del reminder",
        test=f"{DUTIES}::test_whom_something_waits_on_is_reminded_once_half_way",
    ),
    waits(
        "what ended is reminded of",
        "endings",
        old='    for kind in ("offer", "remind", "overdue"):',
        new='    for kind in ("offer", "overdue"):',
        test=f"{DUTIES}::test_what_ended_is_not_reminded_of",
    ),
    waits(
        "a reminder of the step before goes on",
        "introductions",
        old='        state.clocks.pop(f"{kind} {offer_id}", None)\n',
        new="",
        test=f"{DUTIES}::test_a_step_that_was_taken_is_not_reminded_of_but_the_next_is",
    ),
    waits(
        "the duty person is reminded of what the deputy may do",
        "reminders",
        old="    return there[-1] if there else",
        new="    return there[0] if there else",
        test=f"{DUTIES}::test_a_release_is_reminded_of_to_who_may_act_from_then_on",
    ),
    waits(
        "an overdue release names the resident to the owner",
        "reminders",
        old="            partner=offer.party,\n",
        new="            partner=offer.resident,\n",
        test=f"{DUTIES}::test_the_contracts_owner_sees_a_release_as_overdue_and_learns_no_resident",
    ),
    waits(
        "an overdue release is told to the owner again and again",
        "reminders",
        old='    state.clocks.pop(f"overdue {event.data.offer}", None)',
        new="    del event",
        test=f"{DUTIES}::test_the_contracts_owner_sees_a_release_as_overdue_and_learns_no_resident",
    ),
    waits(
        "a decided challenge is reminded of",
        "challenges",
        old='    for kind in ("challenge", "remind"):',
        new='    for kind in ("challenge",):',
        test=f"{CONTESTED}::test_a_dismissed_challenge_puts_nobody_first",
    ),
    # --- whose silence it was ---
    waits(
        "silence counts although nobody tried",
        "lapses",
        old="LapseReason.NO_ANSWER if offer.contacted else LapseReason.NOT_REACHED",
        new="LapseReason.NO_ANSWER",
        test=f"{CLOCKS}::test_silence_that_nobody_tried_to_break_is_not_the_residents",
    ),
    waits(
        "silence never counts",
        "lapses",
        old="LapseReason.NO_ANSWER if offer.contacted else LapseReason.NOT_REACHED",
        new="LapseReason.NOT_REACHED",
        test=f"{CLOCKS}::test_two_unanswered_offers_pause_a_resident_who_was_tried",
    ),
    waits(
        "nobody is ever paused",
        "lapses",
        old="    yield from _paused(state, offer)\n",
        new="",
        test=f"{CLOCKS}::test_two_unanswered_offers_pause_a_resident_who_was_tried",
    ),
    waits(
        "one silence pauses",
        "lapses",
        old="resident.unanswered < state.policy.most_unanswered:",
        new="resident.unanswered < 1:",
        test=f"{CLOCKS}::test_one_unanswered_offer_pauses_nobody_and_an_answer_begins_the_count"
        "_anew",
    ),
    waits(
        "an answer does not begin the count anew",
        "offers",
        old="    state.residents[offer.resident].unanswered = 0\n",
        new="",
        test=f"{CLOCKS}::test_one_unanswered_offer_pauses_nobody_and_an_answer_begins_the_count"
        "_anew",
    ),
    waits(
        "a resident who was spoken to is paused by the next silence",
        "residents",
        old="        resident.unanswered = 0\n",
        new="        pass\n",
        test=f"{CLOCKS}::test_two_unanswered_offers_pause_a_resident_who_was_tried",
    ),
    waits(
        "a gap between ticks lets the deputy act too early",
        "timekeeping",
        old="            state.offers[name].remind_at = window.ends_at",
        new="            pass",
        test=f"{WHERE}/test_slot_guards.py::test_a_gap_between_ticks_puts_off_the_half_from_which"
        "_the_deputy_may_act",
    ),
    waits(
        "a contact that was tried tomorrow counts",
        "contacts",
        old="    elif str(tried.tried_on) > latest_day(state, said.appended_at):",
        new="    elif False:",
        test=f"{INTRODUCED}::test_a_contact_is_tried_on_an_offer_and_on_no_later_day",
    ),
    waits(
        "a pair is given back again and again",
        "lapses",
        old="    once = reason in ONCE_MORE and offer.opportunity not in resident.given_back",
        new="    once = reason in ONCE_MORE",
        test=f"{INTRODUCED}::test_a_pair_is_given_back_once_and_not_for_ever",
    ),
    waits(
        "the supplier's silence costs the pair",
        "waiting",
        old="    if end.cause in (Owner.PARTNER, Owner.SUPPLIER) and",
        new="    if end.cause is Owner.PARTNER and",
        test=f"{CLOCKS}::test_a_silent_supplier_frees_the_resident_who_may_be_proposed_there_again",
    ),
    # --- introductions ---
    waits(
        "no consent is needed",
        "introductions",
        old="    if consent is None or not set(fields_of(state, offer)) <= set(consent.fields):\n"
        "        return None\n",
        new="    if consent is None:\n        return state.residents[offer.resident].matching\n",
        test=f"{CLOCKS}::test_no_supplier_hears_of_anybody_before_their_consent",
    ),
    waits(
        "a consent without contact is enough",
        "introductions",
        old="    if consent is None or not set(fields_of(state, offer)) <= set(consent.fields):",
        new="    if consent is None:",
        test=f"{INTRODUCED}::test_a_consent_that_does_not_name_this_supplier_and_contact_introduces"
        "_nobody",
    ),
    waits(
        "any supplier's consent is enough",
        "introductions",
        old="    consent = state.residents[offer.resident].introductions.get(offer.supplier)",
        new="    given = state.residents[offer.resident].introductions\n"
        "    consent = next(iter(given.values()), None)",
        test=f"{INTRODUCED}::test_a_consent_to_another_supplier_introduces_nobody_with_the"
        "_acceptance",
    ),
    waits(
        "an introduction outlives its consent",
        "lapses",
        old="was_introduced) and consented(state, offer) is None",
        new="was_introduced) and False",
        test=f"{CLOCKS}::test_an_introduction_ends_with_its_consent",
    ),
    waits(
        "whoever has not answered worse terms is introduced by a consent",
        "introductions",
        old='        awaits = offer.status == "accepted" and not offer.is_introduced',
        new="        awaits = not offer.is_introduced",
        test=f"{WORSE}::test_a_consent_introduces_nobody_who_has_not_answered_the_worse_terms",
    ),
    waits(
        "who withdrew is introduced by a later consent",
        "endings",
        old="    resident.placed = tuple(each for each in resident.placed if each != offer_id)\n",
        new="    offer.status = 'accepted' if reason == 'consent_withdrawn' else status\n",
        test=f"{INTRODUCED}::test_nobody_is_introduced_by_a_consent_after_the_resident_withdrew",
    ),
    waits(
        "a supplier that was told of nobody may answer",
        "rights",
        old=" or (offer is not None and offer.is_introduced)",
        new=" or offer is not None",
        test=f"{INTRODUCED}::test_a_supplier_whom_nobody_was_introduced_to_can_say_nothing",
    ),
    waits(
        "an interview renews the supplier's days for ever",
        "contacts",
        old="    if known is not None:\n        yield Repeat(known)\n    elif not _is_waiting",
        new="    if not _is_waiting",
        test=f"{CLOCKS}::test_an_interview_gives_the_supplier_its_days_again_once",
    ),
    waits(
        "an interview after the supplier's last day",
        "contacts",
        old="    elif str(interview.on) > last:",
        new="    elif False:",
        test=f"{INTRODUCED}::test_an_interview_lies_between_today_and_the_suppliers_last_day",
    ),
    waits(
        "a supplier is told of what ended before the introduction",
        "endings",
        old="    if offer.is_introduced or offer.was_introduced:\n        yield position_changed",
        new="    if True:\n        yield position_changed",
        test=f"{INTRODUCED}::test_a_supplier_never_learns_of_what_ended_before_the_introduction",
    ),
    # --- terms that got worse ---
    waits(
        "nobody is asked about worse terms",
        "opportunities",
        old="    yield from asked_again(state, said.subject, changed)\n",
        new="",
        test=f"{CLOCKS}::test_worse_terms_after_an_acceptance_ask_again_and_hold_the_position",
    ),
    waits(
        "who has the place is asked for it again",
        "worsening",
        old='ASKED = ("offered", "accepted")',
        new='ASKED = ("offered", "accepted", "filled")',
        test=f"{WORSE}::test_who_has_the_place_already_is_told_and_not_asked",
    ),
    waits(
        "better pay asks everybody again",
        "worsening",
        old="on=before.starts_on) < was",
        new="on=before.starts_on) != was",
        test=f"{WORSE}::test_nobody_is_asked_about_better_terms",
    ),
    waits(
        "the introduction stands while the resident is asked again",
        "offers",
        old='ASKED_ANEW = ("OfferAccepted", "IntroductionMade",',
        new='ASKED_ANEW = ("OfferAccepted",',
        test=f"{WORSE}::test_a_supplier_is_told_that_its_acceptance_is_asked_again_and_no_more",
    ),
    waits(
        "a contact before the change counts after it",
        "offers",
        old=' offer.contacted = "offered", event.id, False\n',
        new=' offer.contacted = "offered", event.id, offer.contacted\n',
        test=f"{WORSE}::test_a_contact_and_an_interview_before_the_change_count_no_more",
    ),
    # --- referrals ---
    waits(
        "more are hired by referral than there are positions",
        "offers",
        old='    if offer.status == "accepted" and is_full:',
        new="    if False:",
        test=f"{REFERRED}::test_no_more_are_hired_by_referral_than_there_are_positions",
    ),
    waits(
        "a reserved position is referred to",
        "unreserved",
        old="        held += taken if group.public else group.standing",
        new="        held += taken",
        test=f"{REFERRED}::test_a_reserved_position_is_referred_to_only_after_it_became_public",
    ),
    waits(
        "a referral needs no yes",
        "referrals",
        old="    if not wants(state, subject, resident, referral.opportunity):",
        new="    if False:",
        test=f"{REFERRED}::test_nobody_is_referred_without_their_own_yes",
    ),
    waits(
        "a hire leaves the resident's other introductions standing",
        "offers",
        old="        for other in (*resident.live, *resident.placed, *resident.referred):",
        new="        for other in (*resident.live, *resident.placed):",
        test=f"{REFERRED}::test_a_hire_anywhere_withdraws_what_else_waits_and_its_supplier_learns"
        "_no_reason",
    ),
    waits(
        "a withdrawn posting goes on being referred to",
        "lapses",
        old="        if not state.offers[offer_id].is_introduced:",
        new="        if False:",
        test=f"{REFERRED}::test_a_withdrawn_posting_ends_the_referrals_that_its_supplier_has_not"
        "_heard_of",
    ),
    # --- challenges ---
    waits(
        "the resident's own partner decides",
        "waiting",
        old="    concerned = (partner, state.opportunities[opportunity].party)\n",
        new="    concerned = (state.opportunities[opportunity].party,)\n",
        test=f"{CONTESTED}::test_an_owner_who_is_the_residents_partner_leaves_the_decision_to_the"
        "_operator",
    ),
    waits(
        "the position's own supplier decides",
        "waiting",
        old="    concerned = (partner, state.opportunities[opportunity].party)\n",
        new="    concerned = (partner,)\n",
        test=f"{CONTESTED}::test_an_owner_who_supplies_the_position_decides_nothing_about_it",
    ),
    waits(
        "what nobody decided is dismissed",
        "challenges",
        old="            party=challenge.decider,\n        )\n"
        "        yield from _remedy(state, named)\n",
        new="            party=challenge.decider,\n        )\n",
        test=f"{CLOCKS}::test_a_challenge_that_nobody_decides_counts_as_upheld",
    ),
    waits(
        "a dismissed challenge puts the resident first",
        "challenges",
        old="        if decided.upheld:\n            yield from _remedy",
        new="        if True:\n            yield from _remedy",
        test=f"{CONTESTED}::test_a_dismissed_challenge_puts_nobody_first",
    ),
    waits(
        "a remedy holds at any kind",
        "entitlement",
        old="    return terms.kind is contested.kind and apart",
        new="    return apart",
        test=f"{CONTESTED}::test_a_position_of_another_kind_is_no_remedy",
    ),
    waits(
        "a remedy holds at any hours",
        "entitlement",
        old=" and apart <= state.policy.remedy_minutes_apart",
        new="",
        test=f"{CONTESTED}::test_a_position_is_of_the_same_hours_within_four_hours_a_week",
    ),
    waits(
        "an acceptance does not spend a remedy",
        "offers",
        old="    resident.unanswered = 0\n    spend_remedy(state, offer)\n    if offer.group",
        new="    resident.unanswered = 0\n    if offer.group",
        test=f"{CONTESTED}::test_a_remedy_is_spent_by_an_answer",
    ),
    waits(
        "a remedy has no weight in the order",
        "allocation",
        old="    return 0 if remedied else 1, -min",
        new="    return 1, -min",
        test=f"{CONTESTED}::test_who_was_upheld_comes_first_at_the_next_position_of_the_kind",
    ),
    waits(
        "what was decided is contested again",
        "challenges",
        old="            return refused(code, ",
        new='            if code == "challenge_closed":\n                continue\n'
        "            return refused(code, ",
        test=f"{CONTESTED}::test_what_is_contested_once_is_not_contested_again",
    ),
    # --- faults that a review found ---
    waits(
        "a remedy that an acceptance spent is not given back",
        "lapses",
        old="    if reason in ONCE_MORE | TAKEN_BACK:",
        new="    if reason in TAKEN_BACK:",
        test=f"{FAULTS}::test_a_silent_supplier_gives_a_remedy_back_that_an_acceptance_spent",
    ),
    waits(
        "the end of a referral opens a pair again",
        "lapses",
        old="    if offer.group is None:\n        return\n    resident = state.residents",
        new="    resident = state.residents",
        test=f"{FAULTS}::test_the_end_of_a_referral_opens_nothing_that_its_resident_declined_in_a"
        "_round",
    ),
    waits(
        "a cut takes what is asked again",
        "endings",
        old="state.offers[position.offer].was_accepted",
        new="False",
        test=f"{FAULTS}::test_a_supplier_takes_no_position_back_by_making_it_worse_first",
    ),
    waits(
        "an attempt before the proposal counts",
        "contacts",
        old="    elif str(tried.tried_on) < local_day(state, offer.proposed_at):",
        new="    elif False:",
        test=f"{FAULTS}::test_no_attempt_before_the_proposal_makes_a_silence_the_residents",
    ),
    waits(
        "a night makes a working day good",
        "working_time",
        old="    return at if opens == at else",
        new="    return at if opens[:10] == at[:10] else",
        test=f"{FAULTS}::test_a_working_day_that_ticks_stayed_out_is_given_back_in_working_hours",
    ),
    # --- whose right it is to contest, and which window a reminder is of ---
    waits(
        "an operator contests where the contract's owner is there to do so",
        "rights",
        old="        if owner_of(state, opportunity) == resident.party and decider == said.party:",
        new="        if decider is not None:",
        test=f"{RIGHTS}::test_an_operator_contests_for_nobody_whose_contracts_owner_is_there_to_do"
        "_so",
    ),
    waits(
        "any operator contests instead of an owner",
        "rights",
        old="        if owner_of(state, opportunity) == resident.party and decider == said.party:",
        new="        if owner_of(state, opportunity) == resident.party and decider is not None:",
        test=f"{RIGHTS}::test_of_several_operators_who_is_to_decide_contests_for_a_resident",
    ),
    waits(
        "an operator contests for whoever was erased",
        "rights",
        old='    if resident is not None and resident.status != "erased" and opportunity in',
        new="    if resident is not None and opportunity in",
        test=f"{RIGHTS}::test_an_operator_contests_for_nobody_who_was_erased",
    ),
    waits(
        "nobody contests where the owner is the resident's partner",
        "rights",
        old="        if owner_of(state, opportunity) == resident.party and decider == said.party:",
        new="        if False:",
        test=f"{RIGHTS}::test_of_several_operators_who_is_to_decide_contests_for_a_resident",
    ),
    waits(
        "a reminder of an earlier window leaves as mail",
        "slots",
        old="    return reminded > offer.since and waiting in WAITING",
        new="    return waiting in WAITING",
        test="tests/flow/notifier/test_mail.py::test_an_end_that_has_moved_is_not_reminded_of_by"
        "_mail",
        folder="services/notifier",
    ),
    waits(
        "an interview opens no window for the notifier",
        "slots",
        old="    book.offers.open_window(event.data.offer, since=_sequence(event))",
        new="    del event, book",
        test="tests/flow/notifier/test_mail.py::test_an_end_that_has_moved_is_not_reminded_of_by"
        "_mail",
        folder="services/notifier",
    ),
    waits(
        "an operator contests at a position that its contract's owner supplies",
        "rights",
        old="        if owner_of(state, opportunity) == resident.party and decider == said.party:",
        new="        if decider == said.party:",
        test=f"{CONTESTED}::test_an_owner_who_supplies_the_position_decides_nothing_about_it",
    ),
    waits(
        "a supplier hears of an offer as its partner does",
        "slots",
        old="    return event.party\n",
        new='    return "oakline-homes" if event.name == "SlotOffered" else event.party\n',
        test="tests/unit/services/notifier/test_canary.py"
        "::test_a_supplier_reads_nothing_of_anybody_before_a_consent",
        folder="services/notifier",
    ),
    waits(
        "the copy of what is held lacks a field",
        "letter",
        old="        for name in words.FIELDS:",
        new="        for name in sorted(words.FIELDS)[1:]:",
        test="tests/unit/services/commands/test_letter.py"
        "::test_every_field_of_a_profile_stands_in_it_by_name_and_value",
        folder="services/wording",
    ),
    waits(
        "the clock of an answer is another than its partner was told",
        "offers",
        old="ends_at=due.answer_by,",
        new="ends_at=state.now,",
        test=f"{WHERE}/test_waiting_laws.py"
        "::test_whatever_waits_has_one_clock_and_one_owner_after_every_record",
    ),
    waits(
        "whatever is posted can be contested at once",
        "challenges",
        old="    if state.reserved[opportunity].last_round == BEFORE_TIME:",
        new="    if False:",
        test=f"{CONTESTED}::test_nothing_is_contested_before_anything_was_decided",
    ),
)
