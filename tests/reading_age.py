"""
How hard a text is to read: the Flesch-Kincaid grade, counted by rules of thumb.

Source: Kincaid et al. (1975), Research Branch Report 8-75, Chief of Naval Technical Training:
0.39 words a sentence + 11.8 syllables a word - 15.59; grade 6 is read at eleven.
"""

import re

ELEVEN = 6.0


def prose(markdown: str) -> list[str]:
    """
    Return the sentences of a letter: no headings, no codes or own words, no lists of labels.
    """
    blocks: list[str] = []
    for line in re.sub(r"(`+).*?\1", "", markdown).splitlines():
        if line.startswith("#") or not line.strip():
            blocks.append("")
        elif line.startswith("- "):
            # A label with its value is no sentence.
            blocks.append(line[2:] if line.rstrip().endswith((".", "?")) else "")
        elif blocks:
            blocks[-1] += f" {line.strip()}"
        else:
            blocks.append(line)
    # A stop or a colon ends a sentence, but not the colon within a time of day.
    parts = (each for block in blocks for each in re.split(r"[.?!:](?:\s|$|\*)", block))
    return [each for each in parts if words(each)]


def words(sentence: str) -> list[str]:
    return re.findall(r"[A-Za-z][A-Za-z'-]*|[0-9][0-9:,]*", sentence)


def syllables(word: str) -> int:
    """
    Count groups of vowels; a silent e at the end is none, a number is one.

    >>> [syllables(each) for each in ("job", "place", "people", "January", "2026")]
    [1, 1, 2, 4, 1]
    """
    if word[0].isdigit():
        return 1
    small = word.lower()
    count = len(re.findall(r"[aeiouy]+", small)) + len(re.findall(r"ua", small))
    silent = small.endswith("e") and not small.endswith(("le", "ee", "ye"))
    silent = silent or (small.endswith("ed") and not small.endswith(("ted", "ded")))
    return max(1, count - silent)


def grade(markdown: str) -> float:
    """
    Return the grade of all of a letter's sentences.
    """
    sentences = prose(markdown)
    said = [word for each in sentences for word in words(each)]
    per_word = sum(map(syllables, said)) / len(said)
    return 0.39 * len(said) / len(sentences) + 11.8 * per_word - 15.59


def longest(markdown: str) -> int:
    """
    Return how many words the longest sentence has.
    """
    return max(len(words(each)) for each in prose(markdown))
