"""
`foothold challenge` and `foothold decide`: a decision is contested, and the challenge decided.
"""

import click

from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from services.commands.saying import (
    EXITS,
    Saying,
    challenge_argument,
    choice_option,
    opportunity_argument,
    saying_options,
)
from services.wording.reasons import FINDINGS, GROUNDS, indented

CHALLENGE_EPILOG = f"""\b
Grounds:
{indented(GROUNDS)}
\b
Examples:
  foothold challenge northgate-homes NH-0001 zedford-o-abcdefghijklmnop \\
    --ground facts_wrong --by jo-1
  foothold challenge zedford-council zedford-r-abcdefghijklmnop \\
    zedford-o-abcdefghijklmnop --ground coordinator --by kim-2
\b
{EXITS}
"""
DECIDE_EPILOG = f"""\b
Findings:
{indented(FINDINGS)}
\b
Example:
  foothold decide zedford-council zedford-4211-1 upheld \\
    --finding rule_was_misapplied --by kim-2
\b
{EXITS}
"""


@click.command("challenge", epilog=CHALLENGE_EPILOG)
@saying_options("PARTY")
@choice_option("--ground", Ground, told="What is held to be wrong; one of the grounds below.")
@click.argument("resident")
@opportunity_argument
def challenge(saying: Saying, ground: Ground, resident: str, opportunity: str) -> None:
    """
    Contest, for RESIDENT, what was decided or done about OPPORTUNITY.

    PARTY is their own partner, or the office to which they may turn past their coordinator:
    the contract's owner, or where that is their partner, the operator that decides instead.
    That office names the resident by our id; both stand in their letter.
    Somebody outside the partner decides within the contract's days, and what nobody decides
    counts as upheld.
    """
    raised = ChallengeRaised(resident=resident, opportunity=opportunity, ground=ground)
    saying.say((f"challenge for {resident}", raised))


@click.command("decide", epilog=DECIDE_EPILOG)
@saying_options("PARTY")
@choice_option("--finding", Finding, told="What you found; one of the findings below.")
@challenge_argument
@click.argument("decision", type=click.Choice(["upheld", "dismissed"]))
def decide(saying: Saying, finding: Finding, challenge: str, decision: str) -> None:
    """
    Decide CHALLENGE, as PARTY: the contract's owner, or an operator where it is named.

    CHALLENGE stands on your queue. Upheld, the resident comes first of their rung at the
    next position of the same kind and hours; what was decided for others stands.
    """
    decided = ChallengeDecided(challenge=challenge, upheld=decision == "upheld", finding=finding)
    saying.say((f"decision on {challenge}", decided))
