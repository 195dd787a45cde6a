"""Texts and numbers that readers of either dialect may take for something else."""

from random import Random

PLAIN = ["a", "jobs", "Runner", "two words", "x-1", "2024-01-01", "a,b,c", "a/b", "k:v", "UPPER", "_under", "jobs.fifo"]
ODD = ["", " ", "5", "05", "1.10", "1e3", "-0", "true", "false", "null", "yes", "~", "a\nb", "\ttab ", "a\n", '"quoted"', "back\\slash",
       "$${x}", "${x}", "%{if}", "$", "%", "%%", "{}", "[1]", '{"a":1}', "<a&b>", "'", "#", "a b  c", "a=b", "\\n", "*"]
# Composed and decomposed accents, letters that change their length with their case, marks that join characters.
FOREIGN = ["é", "e\u0301", "Å", "A\u030a", "ñandú", "ß", "İ", "ı", "ŉ", "ǆ", "ﬁ", "Ω", "\u2126", "ΑΣ", "日本", "한", "\u1112\u1161\u11ab",
           "👍🏽", "👨‍👩‍👧", "🇩🇪", "\u00a0a\u00a0", "\u200b", "\u2028", "a\u0308\u0323", "\u212b"]

NUMBERS = ["0", "1", "2", "3", "5", "7", "10", "30", "60", "128", "900", "3600"]
ODD_NUMBERS = ["-1", "0.5", "1.5", "2.0", "1e3", "0.1", "0.2", "0.3", "1.10", "99.95", "1000000", "9007199254740993", "12345678901234567890",
               "0.1234567890123456789", "3.0e-2", "1e21", "-2.5"]


def word(rng: Random) -> str:
    """A text."""
    kind = rng.random()
    if kind < 0.55:
        return rng.choice(PLAIN)
    if kind < 0.75:
        return rng.choice(ODD)
    if kind < 0.9:
        return rng.choice(FOREIGN)
    return rng.choice(PLAIN) + rng.choice(FOREIGN + ODD) + rng.choice(PLAIN)


def plain(rng: Random) -> str:
    """A text that nobody takes for anything else."""
    return rng.choice(PLAIN)


def number(rng: Random) -> str:
    """A number, as it is written."""
    return rng.choice(NUMBERS if rng.random() < 0.75 else ODD_NUMBERS)
