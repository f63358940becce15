"""
The forms that fields need, in words: what a person writes, where a rule is a pattern.

A refusal carries the rule as the log has it; a sentence carries the words.
"""

from typing import Final

_WORD: Final = "lower-case letters, digits and hyphens, no spaces"
_CONTROLS: Final = "text without control characters"

FORMS: Final = {
    # Kinds of value.
    "bool_type": "true or false",
    "dataclass_type": "an object in braces, with fields of its own",
    "date_type": "a day such as 2026-03-02",
    "dict_type": "an object in braces",
    "int_type": "a whole number: digits alone, without a point, a comma or a unit",
    "string_type": "text",
    "tuple_type": "a list",
    # Days and times.
    "value_error": "a day or time that exists, such as 2026-03-02",
    r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$": (
        "an instant such as 2026-01-13T09:00:00.000Z"
    ),
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "a time of day such as 07:30",
    # Names and ids.
    r"^[a-z][a-z0-9-]{1,31}$": f"a party's slug: {_WORD}, such as oakline",
    r"^[a-z0-9-]{2,32}$": f"your own code, never a name: {_WORD}, such as jo-1",
    r"^([a-z][a-z0-9]{1,15}|_register)$": "a market's code: 2 to 16 lower-case letters and digits",
    r"^[a-z][a-z0-9]{1,15}-r-[a-z2-7]{16}$": "the resident's id, as its receipt gives it",
    r"^[a-z][a-z0-9]{1,15}-o-[a-z2-7]{16}$": (
        "the opportunity's id, as its receipt or the matches give it"
    ),
    r"^[a-z][a-z0-9]{1,15}-f-[a-z2-7]{16}$": "the offer's id, as the queue gives it",
    r"^[a-z][a-z0-9]{1,15}-o-[a-z2-7]{16}/[a-z][a-z0-9_]{0,47}/[1-9][0-9]{0,3}$": (
        "the position's id, as the queue gives it"
    ),
    r"^(offer|challenge|remind|overdue|intake|rung|public) [a-z0-9/_-]+$": (
        "a window's key, as the market's log writes it"
    ),
    r"^c-[a-z2-7]{16}$": "the contract's id, as its receipt gives it",
    r"^[a-z_][a-z0-9:_-]{0,63}$": "an id of ours or a party's slug",
    r"^(_register|[a-z][a-z0-9]{1,15})-[0-9]{1,15}-[0-9]{1,6}$": (
        "the id of the event, question or challenge, as the queue gives it"
    ),
    r"^[A-Za-z0-9][A-Za-z0-9 ._/:-]{0,63}$": (
        "1 to 64 letters, digits, spaces and . _ / : -, beginning with a letter or digit"
    ),
    r"^[a-z][a-z0-9_]{0,47}$": (
        "a code: lower-case letters, digits and _, such as driving_licence"
    ),
    r"^[A-Za-z0-9][A-Za-z0-9.()-]{0,23}$": "a clause's number, such as 4.2 or 4.2(b)",
    r"^[A-Z]{2,3}-[A-Z]{2,8}$": "a register's code, such as GB-COH",
    r"^[A-Za-z0-9]{2,12}$": "2 to 12 letters and digits, such as SOC2020",
    r"^ST[0-9]{4}(_[0-9]+\.[0-9]+)?$": "a standard's reference, such as ST0095",
    r"^20[0-9]{2}Q[1-4]$": "a quarter of a year, such as 2026Q1",
    # Places and ways to reach a party.
    r"^[A-Z]{1,2}[0-9][0-9A-Z]?$": "the first half of a postcode in capitals, such as ZZ1",
    r"^[^@\s]{1,64}@[A-Za-z0-9.-]{1,189}$": "a mailbox such as jobs@oakline.example",
    r"^\+?[0-9][0-9 ()-]{6,24}$": "a telephone number such as 01632 960101",
    # Text.
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$": f"{_CONTROLS}; new lines are welcome",
    r"^[^\x00-\x1f\x7f]+$": f"one line of {_CONTROLS}",
    # What carries a message.
    r"^/(party|worker)/[a-z][a-z0-9_-]{1,31}$": "/party/ and your own slug",
    r"^1\.0$": "1.0",
    r"^[\x21-\x7e]+$": "printable ASCII without spaces",
    r"^application/json$": "application/json",
    r"^foothold\.[A-Za-z]{1,48}\.v[1-9][0-9]{0,2}$": (
        "an event's type, such as foothold.OpportunityPosted.v1"
    ),
    r"^[0-9a-f]{16}$": "16 hexadecimal digits",
    r"^[0-9a-f]{64}$": "64 hexadecimal digits",
    r"^[A-Za-z0-9+/]*={0,2}$": "base64",
    r"^[A-Za-z0-9+/]{43}=$": "base64 of 32 bytes",
    r"^(/[A-Za-z0-9_?-]{1,60})*$": "a JSON pointer such as /data/pay/pence",
}


def form_in_words(rule: str) -> str | None:
    """
    Say which form a rule asks for, or nothing where the rule is no form.

    >>> form_in_words("int_type")
    'a whole number: digits alone, without a point, a comma or a unit'
    >>> form_in_words("national_living_wage from 2026-04-01") is None
    True
    """
    return FORMS.get(rule)
