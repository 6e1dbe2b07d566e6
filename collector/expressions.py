"""JMESPath over exact JSON: numbers are int and Decimal, and a few functions are added that vendor
payloads need. docs/sources.md lists them; a test holds that page to this file.

The added functions give null for null, so that a field that is not there is simply nothing.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import jmespath
from jmespath import functions, visitor
from jmespath.exceptions import JMESPathError

from collector.exact_json import plain_number, text_of
from core.errors import ConfigInvalid

EXPRESSION_CHARS_MAX = 4000
PATTERNS_MAX = 256
MATCHED_CHARS_MAX = 65_536
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_MONTH = re.compile(r"([0-9]{4})-?([01][0-9])(?:-?[0-9]{2})?(?:[T ].*)?\Z")
_MONTH_YEAR = re.compile(r"([A-Za-z]{3})[a-z]*[ -]+([0-9]{4})\Z")
TEXT: Any = {"types": ["string", "number", "null"]}
ARGUMENT: Any = {"types": ["string"]}

signature = functions.signature


class ExactFunctions(functions.Functions):
    """The functions of JMESPath with exact numbers, and ours."""

    def _get_allowed_pytypes(self, types: Any) -> tuple[list[str], list[Any]]:
        base: Any = super()  # The types of the library leave its inner methods out.
        allowed, subtypes = base._get_allowed_pytypes(types)
        if "float" in allowed:
            allowed.append("Decimal")
        return allowed, [(*each, "Decimal") if "float" in each else each for each in subtypes]

    def _convert_to_jmespath_type(self, pyobject: str) -> str:
        if pyobject == "Decimal":
            return "number"
        base: Any = super()
        return str(base._convert_to_jmespath_type(pyobject))

    @signature({"types": []})
    def _func_type(self, arg: Any) -> str:
        base: Any = super()
        return "number" if isinstance(arg, Decimal) else str(base._func_type(arg))

    @signature({"types": []})
    def _func_to_string(self, arg: Any) -> str:
        if isinstance(arg, str):
            return arg
        return text_of(arg) if not isinstance(arg, Decimal) else plain_number(arg)

    @signature({"types": []})
    def _func_to_number(self, arg: Any) -> int | Decimal | None:
        if isinstance(arg, (int, Decimal)) and not isinstance(arg, bool):
            return arg
        try:
            found = Decimal(arg) if isinstance(arg, str) else None
        except InvalidOperation:
            return None
        return found if found is not None and found.is_finite() else None

    @signature(TEXT)
    def _func_lower(self, text: Any) -> str | None:
        return None if text is None else _text(text).lower()

    @signature(TEXT)
    def _func_upper(self, text: Any) -> str | None:
        return None if text is None else _text(text).upper()

    @signature(TEXT)
    def _func_trim(self, text: Any) -> str | None:
        return None if text is None else _text(text).strip()

    @signature(TEXT, ARGUMENT, ARGUMENT)
    def _func_replace(self, text: Any, old: str, new: str) -> str | None:
        return None if text is None else _text(text).replace(old, new)

    @signature(TEXT, ARGUMENT)
    def _func_split(self, text: Any, separator: str) -> list[str] | None:
        if text is None or not separator:
            return None
        return _text(text).split(separator)

    @signature(TEXT, ARGUMENT)
    def _func_match(self, text: Any, pattern: str) -> str | None:
        found = _pattern(pattern).search("" if text is None else _text(text)[:MATCHED_CHARS_MAX])
        if found is None:
            return None
        return found[1] if found.re.groups else found[0]

    @signature(TEXT)
    def _func_period(self, text: Any) -> str | None:
        return None if text is None else _period(_text(text).strip())


class Expression:
    """A compiled expression; `find` gives what it says of a record."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parsed = jmespath.compile(text).parsed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def find(self, root: Any) -> Any:
        """Return the value, None where there is none; raises ValueError where a function refuses
        its argument.
        """
        options = jmespath.Options(custom_functions=FUNCTIONS)
        try:
            return visitor.TreeInterpreter(options).visit(self._parsed, root)
        except (JMESPathError, ArithmeticError, TypeError, re.error, RecursionError) as error:
            # Its own words may quote the value, which is nobody's to log.
            raise ValueError(type(error).__name__) from None

    @property
    def names(self) -> set[str]:
        """Every name of a field that the expression asks for, on any level."""
        return set(_names(self._parsed))


def compiled(text: str, where: str) -> Expression:
    """Compile an expression; raises ConfigInvalid naming `where` for one that is none, or that
    calls a function nobody knows.
    """
    if len(text) > EXPRESSION_CHARS_MAX:
        raise ConfigInvalid(where, f"is longer than {EXPRESSION_CHARS_MAX} characters")
    try:
        made = Expression(text)
    except JMESPathError as error:
        words = " ".join(str(error).split())
        raise ConfigInvalid(where, f"is no JMESPath expression: {words}", "Correct it") from None
    except RecursionError:
        raise ConfigInvalid(where, "is nested too deeply", "Write it simpler") from None
    unknown = sorted(set(_calls(made._parsed)) - set(ExactFunctions.FUNCTION_TABLE))
    if unknown:
        known = ", ".join(sorted(ExactFunctions.FUNCTION_TABLE))
        raise ConfigInvalid(where, f"calls unknown function {unknown[0]}()", f"Use one of {known}")
    return made


OWN_FUNCTIONS = ("lower", "upper", "trim", "replace", "split", "match", "period")
FUNCTIONS = ExactFunctions()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else plain_number(value)


@lru_cache(maxsize=PATTERNS_MAX)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _period(text: str) -> str | None:
    """`2026-09` of 2026-09-30, 20260930, 2026-09-30T12:00:00Z, Sep 2026 or September 2026."""
    found = _YEAR_MONTH.match(text)
    if found and "01" <= found[2] <= "12":
        return f"{found[1]}-{found[2]}"
    found = _MONTH_YEAR.match(text)
    if found and found[1].lower() in MONTHS:
        return f"{found[2]}-{MONTHS.index(found[1].lower()) + 1:02d}"
    return None


def _nodes(node: Any) -> Any:
    if isinstance(node, Mapping):
        yield node
        for child in node.get("children", ()):
            yield from _nodes(child)


def _calls(node: Any) -> Any:
    return (each["value"] for each in _nodes(node) if each["type"] == "function_expression")


def _names(node: Any) -> Any:
    return (each["value"] for each in _nodes(node) if each["type"] == "field")
