"""How money, durations and instants are written. Pure; every page writes them the same way."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

# A no-break space, so that a currency is never torn from its amount at a line end.
GLUE = "\u00a0"
NO_VALUE = "–"  # an en dash: the usual mark for "nothing here" in a table

# ISO 4217 minor units; every currency that is not named here has two.
_NO_MINOR_UNIT = frozenset({"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"}) | {
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF")
}
_THREE_DIGITS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_NEAR_DAYS = 30
_SCALES = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K"))
# Below this an amount is short enough to be written in full, and people trust it more.
_SHORT_FROM = Decimal(10_000)


def money(amount: Decimal | None, currency: str) -> str:
    """Write an amount in full: `USD 1,234.50`; digits beyond its own are kept if not zero."""
    if amount is None:
        return "no amount"
    digits = max(_minor_digits(currency), _significant_digits(amount))
    return _with_currency(f"{amount:,.{digits}f}", currency)


def money_short(amount: Decimal | None, currency: str) -> str:
    """Write an amount for a headline: `USD 1.23M`. Show `money` beside it or on hover."""
    if amount is None:
        return "no amount"
    return _with_currency(number_short(amount), currency)


def number_short(amount: Decimal) -> str:
    """Three significant digits with K, M or B; in full units below ten thousand."""
    size = abs(amount)
    if size < _SHORT_FROM:
        return f"{_rounded(amount, 0):,}"
    for scale, letter in _SCALES:
        part = size / scale
        # What rounds up to the next letter takes it: 999,999 is 1.00M and not 1,000K.
        if part >= Decimal("0.9995"):
            digits = 2 if part < Decimal("9.995") else 1 if part < Decimal("99.95") else 0
            sign = "-" if amount < 0 else ""
            return f"{sign}{_rounded(part, digits):,}{letter}"
    return f"{_rounded(amount, 0):,}"


def count(number: int) -> str:
    return f"{number:,}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 revenue event`, `1,204 revenue events`."""
    return f"{number:,}{GLUE}{noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float | None) -> str:
    """Write a length of time in its two largest units: `3 d 4 h`, `12 min`, `45 s`; whole days from
    thirty on.
    """
    if seconds is None:
        return NO_VALUE
    sign = "-" if seconds < 0 else ""
    whole = abs(round(seconds))
    if whole < _MINUTE:
        return f"{sign}{whole}{GLUE}s"
    if whole < _HOUR:
        return f"{sign}{whole // _MINUTE}{GLUE}min"
    big, small = (_DAY, _HOUR) if whole >= _DAY else (_HOUR, _MINUTE)
    names = ("d", "h") if whole >= _DAY else ("h", "min")
    first, second = whole // big, whole % big // small
    text = f"{sign}{first:,}{GLUE}{names[0]}"
    told = second and (big == _HOUR or first < _NEAR_DAYS)
    return f"{text} {second}{GLUE}{names[1]}" if told else text


def instant(at: datetime | None, *, year: bool = True) -> str:
    """Write an instant in UTC: `2 Oct 2026 09:30`. The page says once that times are in UTC."""
    if at is None:
        return NO_VALUE
    at = at.astimezone(UTC)
    day = f"{at.day} {at:%b %Y}" if year else f"{at.day} {at:%b}"
    return f"{day} {at:%H:%M}"


def ago(at: datetime | None, now: datetime) -> str:
    """Say how long ago an instant was, or how far ahead it is; its day when it is far from now."""
    if at is None:
        return "never"
    seconds = (now - at).total_seconds()
    if abs(seconds) < 1:
        return "just now"
    if not near(at, now):
        at = at.astimezone(UTC)
        return f"on {at.day}{GLUE}{at:%b}{GLUE}{at.year}"
    return f"{duration(seconds)} ago" if seconds > 0 else f"in {duration(-seconds)}"


def near(at: datetime, now: datetime) -> bool:
    """Whether people count the days to an instant, and do not look at its date."""
    return abs((now - at).total_seconds()) < _NEAR_DAYS * _DAY


def percent(part: Decimal | float, whole: Decimal | float) -> str:
    """A share in whole percent; a share that is there is never written as 0 %."""
    if not whole:
        return NO_VALUE
    share = float(part) / float(whole) * 100
    return "<1%" if 0 < share < 0.5 else f"{share:.0f}%"


def _with_currency(number: str, currency: str) -> str:
    return f"{currency}{GLUE}{number}" if currency else number


def _rounded(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def _minor_digits(currency: str) -> int:
    if currency in _NO_MINOR_UNIT:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def _significant_digits(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
