"""
The sentences of each refusal code: what is wrong, and how to mend it.

Braces are filled in each time: `field`, `value` (what was sent), `lawful` (the lawful
figure) and `rule`. A part in brackets is said only where its figures are known.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Wording:
    """
    Two templates, and of which kind the figures are (a key of `figures.KINDS`, or text).
    """

    why: str
    mend: str
    kind: str = "text"


_READING: Final = {
    "too_large": Wording(
        "The message is larger than we read.",
        "Send it in smaller parts[, each of at most {lawful}].",
    ),
    "not_utf8": Wording(
        "The message is not text in UTF-8.",
        "Save the file as UTF-8 and send it again.",
    ),
    "not_json": Wording(
        "The message is not JSON.",
        "Check its brackets, quotation marks and commas, and send it again.",
    ),
    "name_repeated": Wording(
        "A name stands twice in the same object, so it is not clear which value counts.",
        "Keep each name once in each object.",
    ),
    "not_an_object": Wording(
        "The message is JSON, but not an object.",
        "Send one event as one object in braces, with `type`, `id`, `source` and `data`.",
    ),
    "type_unknown": Wording(
        "There is no event of this type[: {value}].",
        "[Did you mean {lawful}? ]Check the spelling of `type`; `foothold template` lists them.",
    ),
    "type_not_said_by_parties": Wording(
        "Events of this type are written by the service itself, not sent to it.",
        "Send the event that stands behind it; `foothold rights` lists what each role may send.",
    ),
    "source_wrong": Wording(
        "`source` names somebody other than the owner of this inbox[: {value}].",
        "Leave `source` to the service, or write your own[: {lawful}].",
    ),
    "who_missing": Wording(
        "It is not said which member of staff says this: {field} is missing.",
        "Add `authtype` and your own code for the member of staff as `authid` (`--by` on the"
        " command line), never a name.",
    ),
    "time_missing": Wording(
        "`time` is missing, so it cannot be told when this was said.",
        "Add `time` as an instant with a time zone, such as 2026-01-13T09:00:00Z.",
    ),
    "time_ahead": Wording(
        "`time` lies in the future[: {value}].",
        "Check the clock of the machine that sends[; the latest that we accept is {lawful}].",
    ),
    "field_missing": Wording("{field} is missing.", "Add it."),
    "field_unknown": Wording(
        "There is no such field: {field}.",
        "[Did you mean `{lawful}`? ]Correct the name, or take the field out.",
    ),
    "wrong_form": Wording(
        "{field} is not written in the form that it needs[: {value}].",
        "Write it in the form that it needs[: {rule}].",
    ),
    "wrong_type": Wording(
        "{field} holds another kind of value than it needs[: {value}].",
        "Send the kind of value that the field takes[ ({rule})].",
    ),
    "not_in_list": Wording(
        "{field} is none of the values it may have[: {value}].",
        "Choose one of them[: {lawful}].",
    ),
    "out_of_bounds": Wording(
        "{field} is out of bounds[: {value}].",
        "[The bound is {lawful}. ]Send a figure within it.",
        kind="number",
    ),
    "wrong_length": Wording(
        "{field} is too short or too long.",
        "[The limit is {lawful}. ]Keep within it.",
        kind="number",
    ),
}

_ACROSS: Final = {
    "age_band_backwards": Wording(
        "This age band ends before it begins[: {value}], so nobody is in it.",
        "Write the youngest age first, as in `age_18_24`.",
    ),
    "age_band_not_narrowest": Wording(
        "A route names two age bands, and the law allows only the narrowest that reaches the group"
        "[; {value} is the second].",
        "Keep the narrower one alone.",
    ),
    "apprentice_rate_not_lawful": Wording(
        "Only an apprenticeship may be paid the apprentice minimum.",
        "State the pay of this job on another basis, or post it as an apprenticeship.",
    ),
    "apprenticeship_missing": Wording(
        "An apprenticeship needs its standard, level and off-the-job hours: {field} is missing.",
        "Add `apprenticeship` with `standard_ref`, `level` and `off_the_job_hours`.",
    ),
    "apprenticeship_not_expected": Wording(
        "{field} belongs to an apprenticeship, and this is none.",
        "Take it out, or post this as kind `apprenticeship`.",
    ),
    "basis_unfit": Wording(
        "This legal basis does not carry what the route asks for[: {value}].",
        "[Name one of these: {lawful}. ]`foothold reserves` says what each basis carries.",
    ),
    "basis_unknown": Wording(
        "This is none of the legal bases that a route may rest on[: {value}].",
        "[Name one of these: {lawful}. ]`foothold reserves` says what each basis carries.",
    ),
    "closes_after_start": Wording(
        "The closing date[ {value}] lies after the start date[ {lawful}].",
        "Close on or before the day on which the work starts.",
    ),
    "contract_missing": Wording(
        "Positions are ring-fenced, but no contract is named.",
        "Add `contract` with the id of the contract whose clause reserves them.",
    ),
    "days_out_of_order": Wording(
        "The days in {field} do not follow one another.",
        "Give each day once, the earliest first.",
    ),
    "duration_missing": Wording(
        "An apprenticeship needs its length: {field} is missing.",
        "Add `duration_months`.",
    ),
    "ends_before_it_starts": Wording(
        "{field}[, {value},] is not after its beginning.",
        "Give an end that lies after the beginning.",
    ),
    "everyone_not_last": Wording(
        "{field} opens the positions to everyone, so the rungs after it open nothing.",
        "Let the rung for everyone be the last, or take it out.",
    ),
    "fact_not_reservable": Wording(
        "No position may be reserved because of this[: {rule}][, here written {value}].",
        "Take it out of the route. [What may be used in its place: {lawful}. ]If it is only the"
        " name of a place, use an outcode or another name for it; if it is that of a programme or"
        " a scheme, a code of digits. `foothold reserves` says why.",
    ),
    "fact_uncategorised": Wording(
        "We do not know what kind of fact this is, so no position can be reserved by it"
        "[: {value}].",
        "[Did you mean {lawful}? ]Write it as one of the forms that `foothold reserves` lists"
        " (place, tenure, time out of work, programme completed, care, a scheme's code, age); what"
        " the work itself needs belongs in the opportunity's `requirements`.",
    ),
    "fenced_too_many": Wording(
        "More positions are ring-fenced than are posted.",
        "Reserve at most as many as you post[: {lawful}].",
        kind="positions",
    ),
    "fields_missing": Wording(
        "A consent to an introduction names the fields that may be told, and names none.",
        "Add `fields`.",
    ),
    "framework_in_framework": Wording(
        "A framework cannot stand under another framework.",
        "Take `framework` out, or register this as kind `call_off`.",
    ),
    "interview_not_a_position": Wording(
        "Disability opens a guaranteed interview, which is counted apart, and no reserved position"
        "[; here it is written {value}]. It is health data, which the supplier must not learn"
        " from us.",
        "Take it out of the route; offer an interview to every disabled resident who meets the"
        " minimum criteria, outside the positions.",
    ),
    "justification_missing": Wording(
        "To reserve by age is direct discrimination unless it is justified, and {field} does not"
        " say how.",
        "Add `justification`: the aim of social policy, why this band is the narrowest that serves"
        " it, and when it is reviewed; or take the age out.",
    ),
    "least_above_most": Wording(
        "{field} is more than the most[: {value}].",
        "Give a least that is at most the most.",
    ),
    "market_reserved": Wording(
        "This code is the register's own[: {value}].",
        "Choose another code for the market.",
    ),
    "more_than_the_week": Wording(
        "More is guaranteed[, {value},] than the week has[ ({lawful})].",
        "Guarantee at most the minutes of the week.",
        kind="minutes",
    ),
    "necessity_missing": Wording(
        "A least fit shuts people out of reserved positions, and {field} does not say why it is"
        " necessary.",
        "Say why, or take `min_fit` out: without it nobody is shut out by a score.",
    ),
    "order_policy_unknown": Wording(
        "There is no such order in which people of one rung are asked[: {value}].",
        "The one order is[ `{lawful}`,] whom an upheld challenge put first, then whole weeks ready,"
        " the longest first, then the lottery.",
    ),
    "outcodes_missing": Wording(
        "A market serves places, and none is named.",
        "Add `outcodes`.",
    ),
    "patch_outside_market": Wording(
        "A patch holds an outcode that its market does not[: {value}].",
        "Add the outcode to the market, or take it out of the patch.",
    ),
    "pay_missing": Wording(
        "Pay on this basis needs an amount: {field} is missing.",
        "Add `pay.pence`, in whole pence.",
    ),
    "pay_not_expected": Wording(
        "Pay on this basis has no amount of its own[, and {value} is given].",
        "Take `pay.pence` out, or state the pay as `hourly` or `annual`.",
        kind="pence",
    ),
    "profile_not_whole": Wording(
        "The quantities by date do not rise to what is pledged[: {lawful}].",
        "Let the quantities rise, the last being the whole of the pledge.",
        kind="number",
    ),
    "public_before_intake": Wording(
        "The positions would be advertised openly before the intake has ended[: {value} working"
        " days after posting], so nobody could be proposed.",
        "Give a later day[, {lawful} at the earliest], or a shorter `intake_hours`.",
        kind="number",
    ),
    "public_before_ladder": Wording(
        "The positions would be advertised openly before the last rung has opened[: {value} working"
        " days after posting].",
        "Give a later day[, {lawful} at the earliest], or take rungs out.",
        kind="number",
    ),
    "route_unknown": Wording(
        "A rung names a route that the ring fence does not have[: {value}].",
        "Name one of its `routes`.",
    ),
    "rung_unclear": Wording(
        "A rung opens either to named routes or to everyone: {field} says both or neither.",
        "Give `routes`, or set `everyone` to true.",
    ),
    "rungs_out_of_order": Wording(
        "The rungs in {field} do not follow one another.",
        "Let `after_working_days` rise from rung to rung.",
    ),
    "said_twice": Wording(
        "{field} holds the same thing twice.",
        "Keep each thing once.",
    ),
    "shares_not_whole": Wording(
        "The buyers' shares do not add up to the whole contract.",
        "Let the fractions sum to exactly 1.",
    ),
    "single_sensitive_route": Wording(
        "At {field} every way in is the same sensitive one, so whoever is proposed would be known"
        " to the supplier by it.",
        "Open a second, different route on the same rung or an earlier one; or set"
        " `route_disclosed`: then only residents come in whose consent to be introduced to the"
        " supplier names `route` among its fields.",
    ),
    "supplier_missing": Wording(
        "A consent to an introduction names one supplier, and names none.",
        "Add `supplier`.",
    ),
    "supplier_not_expected": Wording(
        "A consent to be matched names no supplier.",
        "Take `supplier` out, or give a consent for `introduction`.",
    ),
    "title_lacks_apprentice": Wording(
        "The title of an apprenticeship does not say so[: {value}].",
        "Put the word apprentice or apprenticeship into the title.",
    ),
    "unpaid_not_lawful": Wording(
        "A job and an apprenticeship must be paid.",
        "State the pay, or post this as work experience or a training place.",
    ),
    "until_missing": Wording(
        "A yes given beforehand needs a last day, and has none.",
        "Add `until`.",
    ),
    "window_missing": Wording(
        "{field} is missing: no window of a ring fence has a default.",
        "State it in the contract.",
        kind="number",
    ),
    "window_too_short": Wording(
        "{field} leaves whom it waits for too little time[: {value}].",
        "Give[ at least {lawful}] in whole working days, so that a reminder comes while there is"
        " time left.",
        kind="number",
    ),
    "yes_and_no": Wording(
        "The same opportunity stands under yes and under no[: {value}].",
        "Keep it in one of the two.",
    ),
}

_RIGHTS: Final = {
    "bootstrap_over": Wording(
        "The register has begun: its first party and first rules are there already.",
        "Say this as the operator.",
    ),
    "market_unknown": Wording(
        "There is no such market, or this is not said in it[: {value}].",
        "Check the market's code, and that the operator has opened it.",
    ),
    "no_market_here": Wording(
        "No market serves this place[: {value}].",
        "Check the outcode; the operator opens markets and adds places.",
    ),
    "not_yours": Wording(
        "{field} belongs to another party[: {value}].",
        "Name one of your own.",
    ),
    "last_operator": Wording(
        "This is the only operator here, and it would not be one any more.",
        "Register another operator first, or keep the role[ {lawful}].",
    ),
    "party_unknown": Wording(
        "This party is not registered[: {value}].",
        "Ask the operator to register it first.",
    ),
    "real_market": Wording(
        "This market runs on the real clock, so nobody can tell it the time.",
        "Use a market that was opened with a simulated clock.",
    ),
    "right_missing": Wording(
        "Your role may not say this[; who may: {lawful}].",
        "`foothold rights` lists what each role may say[, here: {rule}].",
        kind="codes",
    ),
    "clock_not_doubted": Wording(
        "The time of this market is not in doubt[: {value}].",
        "Nothing needs to be confirmed; offers end and rounds are held as they fall due.",
    ),
    "tick_ahead": Wording(
        "The tick's time[, {value},] is ahead of the broker's clock, and a market's time cannot be"
        " taken back.",
        "Set the clock of the machine that ticks right[; the latest that is taken now is"
        " {lawful}].",
    ),
    "tick_behind": Wording(
        "The tick's time[, {value},] is more than an hour behind the broker's clock.",
        "Set the clock of the machine that ticks right[; the earliest that is taken now is"
        " {lawful}].",
    ),
    "tick_backwards": Wording(
        "Time does not go back[: {value} is not after {lawful}].",
        "Give a time that lies after [{lawful}, ]the market's own.",
    ),
}

_REGISTER: Final = {
    "agreed_already": Wording(
        "The supplier has agreed to this version of the contract, so no pledge can be added to it.",
        "Send the contract again with `of_version`[ {lawful}], the number of its current version;"
        " then make the pledge, and have the new version agreed.",
    ),
    "duty_unchanged": Wording(
        "This is who is on duty, deputises and is away already.",
        "Nothing needs to be done; `foothold duty` shows it.",
    ),
    "already_registered": Wording(
        "This reference is taken by something that you sent earlier with other content.",
        "Amend what is there[ ({lawful})], or use another reference. A contract is amended by"
        " sending it again with `of_version`, the number of its current version.",
    ),
    "buyer_unknown": Wording(
        "This buyer is not a registered party[: {value}].",
        "Ask the operator to register it first.",
    ),
    "contract_unknown": Wording(
        "There is no such contract among those you are a party to[: {value}].",
        "Use the id from the receipt of the contract.",
    ),
    "market_exists": Wording(
        "A market with this code is open already[: {value}].",
        "Choose another code.",
    ),
    "already_contributed": Wording(
        "You have added another nonce to the lottery of this quarter already.",
        "Leave it: what was accepted first counts, and it cannot be exchanged.",
    ),
    "contribute_by_past": Wording(
        "Nobody could contribute in time: {field} is over[: {value}].",
        "Give owners some days: name an instant ahead[ of {lawful}].",
    ),
    "contribution_awaited": Wording(
        "Owners may still contribute[ until {lawful}].",
        "Reveal after that time, whether anybody has contributed or not. Keep the secret until"
        " then: whoever contributes knowing it could choose the seed.",
    ),
    "contribution_closed": Wording(
        "The lottery of this quarter takes no contribution any more.",
        "Contribute to the next quarter's as soon as it is committed[; this one was open until"
        " {lawful}, or until the secret was revealed].",
    ),
    "contributor_operates": Wording(
        "You operate this service, so you are not the lottery's second side.",
        "Leave it to owners that are not operators; a seed is proof only where one of them"
        " contributed.",
    ),
    "contributor_too_new": Wording(
        "You were registered after the lottery of this quarter was committed to, and nobody who"
        " is registered once the secret is drawn counts as its second side.",
        "Contribute to the next quarter's as soon as it is committed.",
    ),
    "lottery_committed": Wording(
        "The lottery of this quarter is committed already, with another content[: {value}].",
        "Keep to what was committed; a second commitment would be a second draw.",
    ),
    "lottery_revealed": Wording(
        "The secret of this quarter's lottery was revealed already, and it is another one.",
        "Leave it: the seed is fixed.",
    ),
    "lottery_unknown": Wording(
        "No lottery is committed for this quarter[: {value}].",
        "Check the quarter, or ask the operator to commit first (`foothold lottery commit`).",
    ),
    "secret_mismatch": Wording(
        "{field} is not what was committed to.",
        "Send the secret that was drawn with the commitment[; what it must come to is {lawful}].",
    ),
    "stand_in_not_here_yet": Wording(
        "Nobody contributed, and the register's record that stands in is not written yet[: number"
        " {lawful}].",
        "Reveal once the register holds it (`foothold log export _register` shows how far it is).",
        kind="number",
    ),
    "stand_in_past": Wording(
        "The record that is to stand in is not ahead of this one[: number {value}], so its digest"
        " could be known.",
        "Name a record of the register that is not written yet[: at least number {lawful}].",
        kind="number",
    ),
    "outcode_taken": Wording(
        "An outcode belongs to one market only[: {value} is in another, {lawful}].",
        "Take it out of this market.",
    ),
    "partition_wrong": Wording(
        "There is no such partition[: {value}].",
        "Give a partition from 0[ to {lawful}].",
        kind="number",
    ),
    "pledge_exists": Wording(
        "A pledge with this reference and other content is there already[: {value}].",
        "Use another reference.",
    ),
    "route_not_consented": Wording(
        "The clause has a single route, which an acceptance would disclose to the supplier, and"
        " the resident does not consent to that (any more).",
        "If they do, send a `consent` for introductions to that supplier with the field `route`;"
        " else hold or decline.",
    ),
    "rules_not_here_yet": Wording(
        "The rules that this is judged by have not reached the market yet.",
        "Send it again in a moment.",
    ),
    "rules_version_wrong": Wording(
        "Rules are adopted one version after the other[, and this is {value}].",
        "Give the next version[: {lawful}].",
        kind="number",
    ),
    "supplier_unknown": Wording(
        "There is no registered supplier of this name[: {value}].",
        "Check the name, or ask the operator to register the supplier first.",
    ),
    "version_conflict": Wording(
        "[This replaces version {value}. ]Another version is the current one.",
        "[The current version is {lawful}. ]Look at what has changed, and send it again with the"
        " current version.",
        kind="number",
    ),
}

_OFFERS: Final = {
    "already_referred": Wording(
        "The resident is referred to this opportunity already[: {value}].",
        "Nothing needs to be done; `foothold today` shows what the referral waits for.",
    ),
    "held_later": Wording(
        "The interview lies later than today[: {value}].",
        "Say that it was held once it was[; the latest day is now {lawful}].",
    ),
    "hold_after_release": Wording(
        "It was released already, and for this reason[, {value},] nothing that is offered or"
        " accepted is taken back.",
        "If one of these is true, give it as the reason[: {lawful}]. If the resident does not want"
        " it: `foothold decline`, or, once it is accepted, `foothold interest PARTNER RESIDENT no"
        " OPPORTUNITY --by STAFF`.",
    ),
    "interview_past": Wording(
        "The day of the interview is past[: {value}].",
        "Give a day from today[, {lawful},] on; of one that was held, say so (`foothold interview"
        " held`).",
    ),
    "interview_too_late": Wording(
        "On that day your time to confirm or reject is over[: {value}].",
        "Give an earlier day[, {lawful} at the latest]; once the interview was held (`foothold"
        " interview held`), your days begin anew.",
    ),
    "no_minimum_fit": Wording(
        "This opportunity has no minimum fit that could be overridden[: {value}].",
        "Nothing needs to be done: no score shuts anybody out of it.",
    ),
    "not_introduced": Wording(
        "The resident has not been introduced to the supplier yet, so there was no interview.",
        "Record their consent to meet this supplier first (`foothold consent`).",
    ),
    "off_duty": Wording(
        "Who says this[, {value},] is not on duty for proposals now[; on duty: {lawful}].",
        "Let who is on duty release it (`--by` with their code), or change who that is (`foothold"
        " duty`). Whose codes may release now is shown by `foothold today`.",
    ),
    "offer_answered": Wording(
        "This was answered before, otherwise than you say now[: it is {lawful}].",
        "Nothing more can be answered: the first answer stands. Only what is accepted, and not yet"
        " filled or rejected, can still be taken back. If the resident does not want it any more,"
        " their partner says so: `foothold interest PARTNER RESIDENT no OPPORTUNITY --by STAFF`.",
        kind="codes",
    ),
    "offer_lapsed": Wording(
        "No answer came in time, so this offer has lapsed.",
        "Nothing can be answered any more: the position goes on to the next round. Who was not"
        " reached may be proposed for it once more.",
    ),
    "offer_not_accepted": Wording(
        "Nobody has accepted this offer yet, so there is nobody to meet or to take on.",
        "Wait until it is accepted and they are introduced (`foothold queue`).",
    ),
    "offer_not_declined": Wording(
        "This was not declined[: it is {lawful}], so there is no reason to tell.",
        "A reason is kept only of an offer that the resident declined (`foothold decline`).",
        kind="codes",
    ),
    "offer_not_released": Wording(
        "This is still a proposal, and is not offered before it is released.",
        "Release it first (`foothold release`), then send the resident's answer.",
    ),
    "offer_unknown": Wording(
        "There is no proposal or offer of this id that you may answer[: {value}].",
        "Copy the id from your queue (`foothold queue`). A supplier may answer once somebody was"
        " introduced to it.",
    ),
    "offer_withdrawn": Wording(
        "This was withdrawn, and takes no answer any more[: {lawful}].",
        "Nothing needs to be done: if the position is still there, it goes on to the next round.",
        kind="codes",
    ),
    "positions_filled": Wording(
        "Every position of this opportunity that is not reserved is taken.",
        "To take more people on, its supplier amends the posting with more `positions`; else the"
        " supplier rejects (`foothold reject`), and a partner refers to another opportunity.",
    ),
    "positions_reserved": Wording(
        "What is left of this opportunity is reserved by its contract, so nobody is referred to it"
        "[ before {lawful}].",
        "Record the resident's yes (`foothold interest`): it enters the rounds that offer these"
        " positions. What is left when they go public takes referrals.",
    ),
    "proposal_held": Wording(
        "This proposal was held, so it was never offered[: {lawful}].",
        "Nothing can be answered any more: the position went on to another round, and nobody is"
        " proposed twice for the same opportunity.",
        kind="codes",
    ),
    "resident_placed": Wording(
        "The resident has accepted a position, or has one, already.",
        "If they want this one in its place, take that back first: record their no to it"
        " (`foothold interest`).",
    ),
    "tried_before": Wording(
        "The attempt lies before the day of the proposal[: {value}].",
        "Record an attempt that was made about this offer[, at the earliest {lawful}].",
    ),
    "tried_later": Wording(
        "The attempt lies later than today[: {value}].",
        "Give the day on which it was made[, at the latest {lawful}].",
    ),
    "yes_missing": Wording(
        "The resident has not said yes to this opportunity, or not any more.",
        "Ask them, and record their yes (`foothold interest`); then refer them.",
    ),
}

_CHALLENGES: Final = {
    "challenge_closed": Wording(
        "This challenge has been decided already[: {lawful}].",
        "What was decided stands, and the same is not contested twice.",
    ),
    "challenge_open": Wording(
        "What became of this resident at this opportunity is contested already[, in {lawful}].",
        "Wait for the decision; what nobody decides in the contract's days counts as upheld.",
    ),
    "challenge_own_partner": Wording(
        "Nobody decides a challenge of their own resident's.",
        "Leave it to whoever is asked: the contract's owner, or, where that is the partner itself,"
        " the operator.",
    ),
    "challenge_unknown": Wording(
        "There is no challenge of this id that you are to decide[: {value}].",
        "Copy the id from your queue (`foothold queue`), or from `foothold today`.",
    ),
    "nobody_to_decide": Wording(
        "Nobody outside the resident's own partner could decide this: the contract's owner and"
        " every operator are that partner.",
        "Have the operator register a second one, then raise the challenge again.",
    ),
    "nothing_decided_yet": Wording(
        "No round has been held for this opportunity, so nothing has been decided that could be"
        " contested[; its intake ends {lawful}].",
        "Record the resident's yes (`foothold interest`) before then, and contest what a round"
        " does.",
    ),
    "nothing_to_challenge": Wording(
        "The resident has an offer of this opportunity, or a place in it, so there is nothing that"
        " a challenge could give them.",
        "Answer what is offered (`foothold today`); what has ended can be contested.",
    ),
}

_OPPORTUNITIES: Final = {
    "apprenticeship_too_short": Wording(
        "The apprenticeship is too short for its start date[: {value}].",
        "[The least is {lawful}. ]Lengthen it.",
        kind="months",
    ),
    "clause_fixed": Wording(
        "Positions of this group stand under another clause already[: {lawful}, and not {value}].",
        "Keep the clause[, {lawful}]; what is reserved under another clause takes a group of its"
        " own.",
    ),
    "clause_unknown": Wording(
        "The contract has no such clause[: {value}].",
        "Name one of its clauses[: {lawful}].",
    ),
    "clause_without_fence": Wording(
        "This clause reserves no positions[: {value}].",
        "Name a clause with a ring fence[: {lawful}].",
    ),
    "closes_before_fence": Wording(
        "The posting closes[ on {value},] before its reserved positions have been offered to"
        " everybody whom the contract promises them to.",
        "Close it[ on {lawful}] or later: the contract's ladder has run its course by then.",
    ),
    "closing_date_past": Wording(
        "The closing date[ {value}] is past.",
        "Give a day from today[, {lawful},] on.",
    ),
    "contract_elsewhere": Wording(
        "The contract is not for the market in which this place lies.",
        "Post it at a place that the contract covers, or without the contract.",
    ),
    "contract_ended": Wording(
        "The closing date[ {value}] lies after the contract's last day[, {lawful}].",
        "Close by the contract's last day[, {lawful}], or post it without the contract.",
    ),
    "contract_fixed": Wording(
        "Positions are reserved here under another contract already, or not under this one any"
        " more[: {value}].",
        "Keep the contract as it was posted; to offer the positions under another one, withdraw"
        " this and post it under a reference of its own.",
    ),
    "contract_not_agreed": Wording(
        "You have not agreed to the current version of this contract[, version {lawful}].",
        "Agree to it (ContractAgreed), then post again.",
    ),
    "contract_not_here_yet": Wording(
        "This market does not know the contract (yet)[: {value}].",
        "Check the contract's id; if it was registered just now, send this again in a moment.",
    ),
    "contract_not_yours": Wording(
        "This contract is another party's[: {value}].",
        "Name a contract that is your own.",
    ),
    "kind_changed": Wording(
        "The kind of an opportunity cannot be changed[ from {lawful}].",
        "Withdraw it, and post the other kind under a reference of its own.",
    ),
    "off_the_job_hours_too_few": Wording(
        "The off-the-job training is too short[: {value}].",
        "[The least is {lawful}. ]Add hours.",
        kind="hours",
    ),
    "opportunity_closed": Wording(
        "The closing date of this opportunity is past[: {value}].",
        "Leave it out; nobody can be put forward for it any more.",
    ),
    "opportunity_unknown": Wording(
        "There is no such opportunity here[: {value}].",
        "Use the id from its receipt or from the matches.",
    ),
    "opportunity_withdrawn": Wording(
        "This opportunity has been withdrawn[: {value}].",
        "Leave it out; its supplier posts a new one under another reference.",
    ),
    "pay_below_apprentice_rate": Wording(
        "The pay[, {value},] is below the apprentice minimum on the start date[: {lawful}][, by"
        " the {rule}].",
        "Pay at least [{lawful}, ]the lawful rate.",
        kind="pence",
    ),
    "pay_below_contract_floor": Wording(
        "The pay[, {value},] is below what the contract asks[: {lawful}][, the {rule}].",
        "Pay at least [{lawful}, ]what the contract names.",
        kind="pence",
    ),
    "pay_below_minimum": Wording(
        "The pay[, {value},] is below the lawful minimum on the start date[: {lawful}][, by the"
        " {rule}].",
        "Pay at least [{lawful}, ]the lawful rate.",
        kind="pence",
    ),
    "positions_held": Wording(
        "People have accepted more of these positions than the amendment would leave[: {value}].",
        "Leave at least as many as are accepted or filled[: {lawful}].",
        kind="positions",
    ),
    "reference_changed": Wording(
        "An amendment cannot change the reference[, which is {lawful}].",
        "Keep the reference, or post a new opportunity.",
    ),
    "start_date_past": Wording(
        "The start date[ {value}] is past.",
        "Give a day from today[, {lawful},] on.",
    ),
}

_RESIDENTS: Final = {
    "assessed_later": Wording(
        "It was assessed later than today[: {value}].",
        "Give the day on which it was assessed[, at the latest {lawful}].",
    ),
    "given_later": Wording(
        "It was given later than today[: {value}].",
        "Give the day on which it was given[, at the latest {lawful}].",
    ),
    "consent_ended": Wording(
        "The consent ended before today[: {value}].",
        "Ask the resident again, and give an end from today[, {lawful},] on, or none.",
    ),
    "consent_missing": Wording(
        "There is no such consent of this resident.",
        "Where one is needed, ask the resident and record it (`foothold consent`); to take it back"
        " nothing needs to be done.",
    ),
    "erased_since": Wording(
        "The resident was erased after you sent this, so it was not read.",
        "Nothing needs to be done.",
    ),
    "fact_not_asked": Wording(
        "This answers a question that was not asked of this resident[: {value}].",
        "Name the question from your queue, or give the fact without `asked`.",
    ),
    "other_market": Wording(
        "This place lies in another market than what is there already[, which is in {lawful}].",
        "Whoever moves to another market begins anew there: close this one, and register again"
        " under another reference.",
    ),
    "postcode_too_exact": Wording(
        "A resident is placed by the first half of the postcode only.",
        "Give the outcode, such as ZZ1, and leave the rest out.",
    ),
    "recently_erased": Wording(
        "The resident under this reference was erased a short time ago.",
        "Register again [from {lawful} on, ]when the erased data is gone from everywhere.",
    ),
    "reference_reserved": Wording(
        "This reference is written like an id of ours, so one could be taken for the other.",
        "Use another reference.",
    ),
    "resident_closed": Wording(
        "This resident is not put forward any more.",
        "Their partner may register them again under another reference, if they agree.",
    ),
    "resident_erased": Wording(
        "This resident has been erased.",
        "Nothing can be said of the resident any more.",
    ),
    "resident_not_paused": Wording(
        "This resident is not paused.",
        "Nothing needs to be done.",
    ),
    "resident_paused": Wording(
        "This resident is paused.",
        "To pause them nothing needs to be done. If they take part again, send a `resumption`"
        " (`foothold template resumption`) before anything else.",
    ),
    "resident_unknown": Wording(
        "You have no such resident[: {value}].",
        "Use your own reference or the id from the receipt.",
    ),
    "standing_past": Wording(
        "The yes given beforehand ended before today[: {value}].",
        "Ask the resident again, and give a last day from today[, {lawful},] on.",
    ),
    "standing_too_long": Wording(
        "A yes given beforehand is renewed with the resident, and this one would hold too long"
        "[: {value}].",
        "Give a last day[ of {lawful} at the latest], and ask again then.",
    ),
    "under_18": Wording(
        "The resident is under 18, and this service cannot yet act for under-18s: it has no way"
        " to reach a parent or guardian, or a professional who supports them.",
        "Register the resident from [{lawful}, ]the 18th birthday on; until then refer them to the"
        " local careers service for young people.",
    ),
}

_OURS: Final = {
    "internal": Wording(
        "We failed to process this. It is our fault, not yours, and we have been alarmed.",
        "Send it again later, under a new `id`.",
    ),
}

REFUSALS: Final[dict[str, Wording]] = {
    **_READING,
    **_ACROSS,
    **_RIGHTS,
    **_REGISTER,
    **_OPPORTUNITIES,
    **_RESIDENTS,
    **_OFFERS,
    **_CHALLENGES,
    **_OURS,
}
