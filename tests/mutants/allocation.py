"""Bugs of the allocator."""

from tests.mutants.mutation import Mutant


def planted(name: str, *, old: str, new: str, test: str = "", equivalent: str = "") -> Mutant:
    tests = "tests/unit/matching/market/test_allocation.py"
    return Mutant(
        name=f"allocation: {name}",
        file="matching/market/allocation.py",
        old=old,
        new=new,
        test=f"{tests}::test_{test}" if test else tests,
        equivalent=equivalent,
    )


MUTANTS = (
    planted(
        "nobody moves on to let another in",
        old="for group in steps if len(held",
        new="for group in groups if len(held",
        test="the_only_care_leaver_is_not_spent_on_the_local_position",
    ),
    planted(
        "people move on by one group at most",
        old="                    queue.append(group)",
        new="                    queue += [group] if source == start else []",
        test="people_move_on_along_a_chain_to_let_one_more_in",
    ),
    planted(
        "a search in vain closes every group",
        old="closed.update(steps)",
        new="closed.update(range(door))",
        test="a_search_in_vain_does_not_keep_others_from_another_group",
    ),
    planted(
        "a search in vain closes no more than was asked for",
        old="closed.update(steps)",
        new="closed.update(groups)",
        equivalent="groups that cannot make room are only searched again in vain",
    ),
    planted(
        "precedence reversed",
        old="end=min(spare)",
        new="end=max(spare)",
        test="precedence_says_which_position_somebody_of_both_groups_uses",
    ),
    planted(
        "the first group found instead of the first in precedence",
        old="end=min(spare)",
        new="end=spare[0]",
        test="somebody_moves_on_so_that_a_position_earlier_in_precedence_is_filled",
    ),
    planted(
        "a group's positions filled from the last",
        old="iter(group.free)",
        new="reversed(group.free)",
        test="a_group_is_filled_in_the_order_of_its_positions",
    ),
    planted(
        "people stay in the group that they first found",
        old="if home == group or home in steps:",
        new="if home == group:",
        test="each_position_in_turn_goes_to_the_first_who_can_take_it",
    ),
    planted(
        "those who arrive last are considered first",
        old='key=attrgetter("key"))\n        self.numbers',
        new='key=attrgetter("key"), reverse=True)\n        self.numbers',
        test="the_longest_ready_come_first_and_the_lottery_decides_between_equals",
    ),
    planted(
        "claims considered in the order of their coming in",
        old='key=attrgetter("key"))\n        self.numbers',
        new="key=lambda each: 0)\n        self.numbers",
        test="the_order_of_what_comes_in_is_irrelevant",
    ),
    planted(
        "the shortest ready come first",
        old="-min(weeks_ready, most_weeks)",
        new="min(weeks_ready, most_weeks)",
        test="the_longest_ready_come_first_and_the_lottery_decides_between_equals",
    ),
    planted(
        "weeks counted without a cap",
        old="-min(weeks_ready, most_weeks)",
        new="-weeks_ready",
        test="weeks_count_no_further_than_the_cap",
    ),
    planted(
        "no lottery between equals",
        old="most_weeks), ticket, resident",
        new="most_weeks), 0, resident",
        test="the_longest_ready_come_first_and_the_lottery_decides_between_equals",
    ),
    planted(
        "a ticket from the last bytes",
        old="[:8]",
        new="[-8:]",
        test="a_ticket_is_the_first_64_bits_of_the_keyed_hash_of_the_resident",
    ),
    planted(
        "a ticket read from its small end",
        old='[:8], "big")',
        new='[:8], "little")',
        test="a_ticket_is_the_first_64_bits_of_the_keyed_hash_of_the_resident",
    ),
    planted(
        "a ticket keyed by the resident",
        old="hmac.digest(seed, resident.encode(), ",
        new="hmac.digest(resident.encode(), seed, ",
        test="a_ticket_is_the_first_64_bits_of_the_keyed_hash_of_the_resident",
    ),
    planted(
        "the fence ignored",
        old="if tier is not None and tier <= group.stage",
        new="if tier is not None",
        test="nobody_is_placed_beyond_an_open_rung_and_the_tier_is_their_own",
    ),
    planted(
        "the fence never comes down",
        old="tier <= group.stage",
        new="tier <= 0",
        test="the_target_group_comes_first_after_the_release_to_everyone",
    ),
    planted(
        "a rung opens one rung late",
        old="tier <= group.stage",
        new="tier < group.stage",
        test="a_vacancy_chooses_whom_the_definition_chooses",
    ),
    planted(
        "the pool of a later rung on equal terms",
        old="reach[tier] = (*reach.get(tier, ()), at)",
        new="reach[0] = (*reach.get(0, ()), at)",
        test="the_target_group_comes_first_after_the_release_to_everyone",
    ),
    planted(
        "the last rung chooses first",
        old="in self.reach[number]}):",
        new="in self.reach[number]}, reverse=True):",
        test="the_target_group_comes_first_after_the_release_to_everyone",
    ),
    planted(
        "positions free again on the next rung",
        old="room = [places - len(each) for",
        new="room = [places for",
        test="a_vacancy_chooses_whom_the_definition_chooses",
    ),
    planted(
        "people placed again on the next rung",
        old="if number not in placed]",
        new="]",
        test="no_position_and_no_person_is_placed_twice",
    ),
    planted(
        "residents' own order ignored",
        old="dict.fromkeys(applicant.vacancies)",
        new="sorted(set(applicant.vacancies))",
        test="residents_are_placed_by_their_own_order_of_preference",
    ),
    planted(
        "one offer each, whatever may be made",
        old="range(each.capacity)",
        new="range(1)",
        test="who_may_be_made_two_offers_gets_both_that_they_come_first_for",
    ),
    planted(
        "an offer to those at their limit",
        old="range(each.capacity)",
        new="range(max(each.capacity, 1))",
        test="who_may_be_made_no_further_offer_is_made_none",
    ),
    planted(
        "two proposals for one offer",
        old="islice(wishes[resident], 1)",
        new="islice(wishes[resident], 2)",
        test="nobody_gets_more_offers_than_they_may_nor_one_they_did_not_say_yes_to",
    ),
    planted(
        "who was kept is forgotten when others ask",
        old="sorted((*self.kept, *asking))",
        new="sorted(asking)",
        test="without_rungs_a_round_is_the_textbooks_deferred_acceptance",
    ),
    planted(
        "who was kept stays, whoever asks",
        old="        self.kept = sorted(chosen)",
        new="        chosen |= set(self.kept)\n        self.kept = sorted(chosen)",
        test="who_gives_way_to_a_better_claim_moves_on_to_the_next_they_like",
    ),
    planted(
        "who is turned away gives up",
        old="for resident in desks[id_].turned_away(asked)\n        ]",
        new="for resident in desks[id_].turned_away(asked)\n        ][:0]",
        test="without_rungs_a_round_is_the_textbooks_deferred_acceptance",
    ),
    planted(
        "residents propose in another order",
        old="for resident in proposing:",
        new="for resident in reversed(proposing):",
        equivalent="deferred acceptance ends the same in any order of proposals",
    ),
)
