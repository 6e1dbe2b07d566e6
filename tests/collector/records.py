"""Random records, good and bad, as the JSON texts that a sender could write: for the tests of
admission.

Written on `random.Random`, not on Hypothesis strategies: one example holds hundreds of records,
since the engine's cost is that of the statement. Hypothesis draws the seeds and so still finds and
shrinks the record that fails.
"""

import json
from collections.abc import Callable
from random import Random

from hypothesis import strategies as st

GOOD = {
    "occurred_at": '"2026-09-30T12:00:00Z"',
    "source": '"netsuite-us"',
    "object": '{"type":"invoice","id":"INV-1"}',
    "action": '"posted"',
}
# Texts that have broken programs before: NUL, quotes, escapes, line ends of Unicode, emoji,
# combining marks.
AWKWARD = [
    "",
    " ",
    "\0",
    "a\0b",
    '"',
    "\\",
    "/",
    "\u2028",
    "😀",
    "e\u0301",
    "\ufeff",
    "\x1f",
    "a\tb",
    "null",
    "x" * 200,
    "é" * 200,
    "x" * 201,
]
WORDS = [
    "posted",
    "approved",
    "a" * 100,
    "Posted",
    "",
    "2x",
    "a b",
    "a" * 101,
    "é",
    "posted\n",
    "posted\0",
    "null",
]
AMOUNTS = [
    "0",
    "-0",
    "1.5",
    "-12.3456",
    "99999999999999.9999",
    "00012.50",
    "-0.0000",
    "1.23456",
    "1e3",
    "+1",
    ".5",
    "5.",
    "123456789012345",
    " 1",
    "1 ",
    "1\n",
    "",
    "0x1",
    "\u0661",
    "-",
    "1,5",
]
INSTANTS = [
    "2026-09-30T12:00:00Z",
    "2026-09-30T12:00:00.1Z",
    "2026-09-30T12:00:00.123456789Z",
    "2026-09-30T12:00:00.1234567891Z",
    "2026-09-30T23:59:59.999999+14:00",
    "2026-09-30T00:00:00-12:30",
    "2026-02-29T12:00:00Z",
    "2024-02-29T12:00:00Z",
    "2026-02-30T12:00:00Z",
    "2026-04-31T12:00:00Z",
    "2026-09-30T12:00:00",
    "2026-09-30 12:00:00Z",
    "2026-09-30T25:00:00Z",
    "2026-09-30T24:00:00Z",
    "2026-09-30T12:60:00Z",
    "2026-09-30T12:00:60Z",
    "2026-00-10T12:00:00Z",
    "2026-13-10T12:00:00Z",
    "2026-09-00T12:00:00Z",
    "2026-09-30t12:00:00z",
    "2026-09-30T12:00Z",
    "2026-09-30T12:00:00+0200",
    "2026-09-30T12:00:00+24:00",
    "2026-09-30T12:00:00Z\n",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "1970-01-01T00:00:00+01:00",
    "0001-01-01T00:00:00+14:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "2026-10-02T12:00:00Z",
    "2026-10-02T12:00:00.000001Z",
    "2026-10-02T13:00:00+01:00",
    "",
    "1970-01-01T00:00:00.000001Z",
    "2026-09-30T12:00:00.Z",
]
HEXES = ["0" * 32, "a" * 32, "A" * 32, "a" * 31, "a" * 16, "0123456789abcdef", "g" * 16, ""]
# JSON texts of the wrong type, and numbers and escapes that programs read differently.
RAW = [
    "null",
    "true",
    "false",
    "0",
    "3",
    "-1",
    "1.0",
    "1e2",
    "-0",
    "4294967295",
    "4294967296",
    "9" * 18,
    "9" * 19,
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "1e400",
    "-1e400",
    "1e-400",
    "0.1234567890123456789",
    "[]",
    "{}",
    '"3"',
    '""',
    '"true"',
    "[null]",
    "[1]",
    "[{}]",
    '{"a":1}',
    '[{"type":null}]',
    '"1234567890123456789"',
    '"a\\"1234567890123456789"',
    '"\\u0000"',
    "[[[[[[]]]]]]",
]
# Texts that are no JSON: each breaks its whole line.
BROKEN = [
    '"\\ud800"',
    '"\\udc00x"',
    '"\\ud800\\u0041"',
    "NaN",
    "Infinity",
    "01",
    "'x'",
    "+1",
    "1.",
    "tru",
    '"\t"',
    "1 2",
    '"\\x"',
]
NO_RECORDS = [
    b"",
    b" \t\r",
    b"\xff",
    b'{"a":"\xed\xa0\x80"}',
    b"\x00",
    b"{",
    b"3",
    b'"x"',
    b"[]",
    b"null",
    b"{}",
    b"{}{}",
]

Make = Callable[[Random], str]


def some_text(random: Random) -> str:
    """A short text of any characters, or an awkward one."""
    if random.random() < 0.4:
        return random.choice(AWKWARD)
    ranges = [(32, 126), (0, 0x2FF), (0x3000, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)]
    return "".join(chr(random.randint(*random.choice(ranges))) for _ in range(random.randint(0, 6)))


def told(make: Make) -> Make:
    """The text as JSON, escaped in one of two ways; seldom something else altogether."""

    def made(random: Random) -> str:
        fate = random.random()
        if fate < 0.1:
            return random.choice(RAW)
        if fate < 0.11:
            return random.choice(BROKEN)
        return json.dumps(make(random), ensure_ascii=random.random() < 0.5)

    return made


def one_of(*texts: str) -> Make:
    """Mostly the first ones: the good texts stand first."""
    return lambda random: texts[min(random.randrange(len(texts)), random.randrange(len(texts)))]


def an_object(fields: dict[str, Make], needed: tuple[str, ...] = ()) -> Make:
    """An object of some of the fields, seldom with a key too few, too many or twice, or no object
    at all.
    """

    def made(random: Random) -> str:
        if random.random() < 0.08:
            return random.choice(RAW)
        names = [name for name in fields if name in needed or random.random() < 0.4]
        fate = random.random()
        if names and fate < 0.05:
            names.remove(random.choice(names))
        elif names and fate < 0.1:
            names.append(random.choice(names))
        pairs = [(name, fields[name](random)) for name in names]
        if 0.1 < fate < 0.15:
            pairs.append(
                (random.choice(["akshun", "Type", "", some_text(random)]), random.choice(RAW))
            )
        random.shuffle(pairs)
        return pairs_text(pairs)

    return made


def a_list(make: Make) -> Make:
    """A list of up to three, seldom something else."""

    def made(random: Random) -> str:
        if random.random() < 0.1:
            return random.choice(RAW)
        return f"[{','.join(make(random) for _ in range(random.randint(0, 3)))}]"

    return made


def attributes(random: Random) -> str:
    """A map of texts, at or beyond its bounds now and then."""
    if random.random() < 0.7:
        names = {some_text(random) for _ in range(random.randint(0, 4))}
        return pairs_text([(name, told(some_text)(random)) for name in sorted(names)])
    bounds = [
        pairs_text([(f"k{place}", '"v"') for place in range(count)]) for count in (64, 65)
    ] + [
        pairs_text([("k", json.dumps(text))])
        for text in ("x" * 4096, "x" * 4097, "é" * 2048, "é" * 2049)
    ]
    return random.choice([*bounds, *RAW])


def pairs_text(pairs: list[tuple[str, str]]) -> str:
    """Write an object from names and JSON texts; a name may stand there twice."""
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in pairs) + "}"


TEXT = told(some_text)
WORD = told(one_of(*WORDS))
ID = told(
    lambda random: random.choice([some_text(random), "INV-2", "x" * 256, "é" * 256, "x" * 257])
)
LINK = an_object(
    {
        "type": told(one_of("invoice", "billing_event", "Bad", "")),
        "id": ID,
        "relation": told(one_of("from", "same_as", "amends", "reverses", "part_of", "to", "")),
        "amount": told(one_of(*AMOUNTS)),
    },
    ("type", "id", "relation"),
)
CONTEXT_TEXTS = (
    "customer",
    "contract",
    "contract_version",
    "project",
    "resource",
    "legal_entity",
    "region",
    "actor",
)
FIELDS: dict[str, Make] = {
    "event_id": TEXT,
    "occurred_at": told(one_of(*INSTANTS)),
    "source": TEXT,
    "object": an_object(
        {
            "type": WORD,
            "id": ID,
            "version": lambda random: random.choice([TEXT(random), random.choice(RAW)]),
        },
        ("type", "id"),
    ),
    "action": WORD,
    "outcome": told(one_of("failed", "retrying", "ok", "skipped", "", "OK")),
    "correlation_id": TEXT,
    "trace_id": told(one_of(*HEXES)),
    "span_id": told(one_of(*reversed(HEXES))),
    "idempotency_key": told(one_of("key", "x" * 1000, "x" * 1001, "")),
    "attempt": lambda random: random.choice(["1", "2", "4294967295", random.choice(RAW)]),
    "links": a_list(LINK),
    "context": an_object(
        dict.fromkeys(CONTEXT_TEXTS, TEXT)
        | {
            "service_line": told(one_of("x" * 1000, "é" * 1000, "x" * 1001)),
            "engagement": WORD,
            "period": told(one_of("2026-09", "2026-9", "", "2026-09\n", "x")),
        }
    ),
    "money": an_object(
        {
            "amount": told(one_of(*AMOUNTS)),
            "currency": told(one_of("USD", "EUR", "usd", "ABC", "")),
            "measure": told(one_of("billed", "recognized", "sold", "")),
        },
        ("amount", "currency"),
    ),
    "error": an_object({"code": TEXT, "message": TEXT}),
    "attributes": attributes,
}

# What breaks a rule only beside something else, or hardly ever by chance; the last ones are good.
ALIAS = '{"type":"%s","id":"1","relation":"same_as"}'
RARE = [
    {"links": f"[{ALIAS % 'billing_event'}]"},
    {"links": f'[{{"type":"a","id":"1","relation":"from"}},{ALIAS % "b"}]'},
    {"links": f'[{ALIAS % "invoice"},{{"type":"invoice","id":""}}]'},
    {"object": '{"type":"project","id":"1"}', "links": f"[{ALIAS % 'invoice'}]"},
    {"occurred_at": '"2026-10-02T12:00:00.000001Z"'},
    {"occurred_at": '"2299-12-31T23:59:59.999999Z"'},
    {"occurred_at": '"2300-01-01T00:00:00Z"'},
    {"error": '{"code":"E1"}', "outcome": '"skipped"'},
    {"error": '{"code":"E1"}', "outcome": '"retrying"'},
    {"links": f"[{ALIAS % 'invoice'}]"},
    {"occurred_at": '"2026-10-02T12:00:00Z"'},
]


def record(random: Random) -> bytes:
    """A good record with up to three fields replaced or added, now and then with something rare;
    seldom a broken line or no record at all.
    """
    fate = random.random()
    if fate < 0.04:
        return random.choice(NO_RECORDS)
    pairs = dict(GOOD)
    for name in random.sample(list(FIELDS), random.randint(0, 3)):
        pairs[name] = FIELDS[name](random)
    if random.random() < 0.1:
        pairs |= random.choice(RARE)
    listed = list(pairs.items())
    random.shuffle(listed)
    if fate < 0.08:
        listed.append((random.choice([*pairs, "akshun", "", "x" * 300]), random.choice(RAW)))
    elif fate < 0.12:
        listed.pop()
    text = pairs_text(listed)
    if fate > 0.96:
        text = random.choice([text[:-1], text + "x", f"[{text}]", f"\ufeff{text}", f" {text}\r"])
    return text.encode().replace(b"\n", b" ")


def records(seeds: list[int]) -> list[bytes]:
    """One record a seed."""
    return [record(Random(seed)) for seed in seeds]


SEEDS = st.lists(st.integers(0, 2**32), min_size=1, max_size=400)
LINES = SEEDS.map(records)
