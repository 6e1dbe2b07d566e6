"""Reads what was written for programs that cannot run here, Mule and Boomi: objects in the syntax
of DataWeave and Groovy, filled with facts, and so the requests that they describe.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

MULE = "{http://www.mulesoft.org/schema/mule/core}"
HTTP = "{http://www.mulesoft.org/schema/mule/http}"
EE = "{http://www.mulesoft.org/schema/mule/ee/core}"
TRACING = "{http://www.mulesoft.org/schema/mule/tracing}"
KEY = re.compile(r'\s*("?)(\w[\w-]*)\1\s*:\s*')
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
EXPRESSION = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,\]}"])+')
CONVERTED = re.compile(r" as String$|\.toString\(\)$")
Facts = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What would be sent."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def literal(text: str, facts: Facts) -> Any:
    """The value of an object or list; fails for an expression that the facts know nothing of."""
    value, at = _value(text, 0, facts)
    assert not text[at:].strip(), text[at:]
    return value


def _value(text: str, at: int, facts: Facts) -> tuple[Any, int]:
    at += len(text[at:]) - len(text[at:].lstrip())
    if text[at] in "{[":
        # A list in square brackets is an object to Groovy when it has keys.
        keyed = text[at] == "{" or KEY.match(text, at + 1) is not None
        return _keyed(text, at + 1, facts) if keyed else _listed(text, at + 1, facts)
    found = EXPRESSION.match(text, at)
    assert found, text[at : at + 40]
    return _expression(found[0].strip(), facts), found.end()


def _keyed(text: str, at: int, facts: Facts) -> tuple[dict[str, Any], int]:
    made = {}
    while True:
        key = KEY.match(text, at)
        assert key, text[at : at + 40]
        made[key[2]], at = _value(text, key.end(), facts)
        more, at = _more(text, at)
        if not more:
            return made, at


def _listed(text: str, at: int, facts: Facts) -> tuple[list[Any], int]:
    made = []
    while True:
        value, at = _value(text, at, facts)
        made.append(value)
        more, at = _more(text, at)
        if not more:
            return made, at


def _more(text: str, at: int) -> tuple[bool, int]:
    found = re.compile(r"\s*([,\]}])").match(text, at)
    assert found, text[at : at + 40]
    return found[1] == ",", found.end()


def _expression(text: str, facts: Facts) -> Any:
    terms = [_term(each.strip(), facts) for each in re.split(r"\s\+\+?\s", text)]
    return terms[0] if len(terms) == 1 else "".join(terms)


def _term(text: str, facts: Facts) -> Any:
    if STRING.fullmatch(text):
        return json.loads(text)
    plain = CONVERTED.sub("", text)
    value: Any = facts
    for part in plain.split("."):
        value = value[part]
    return str(value) if plain != text else value


class MuleFile:
    """A Mule configuration."""

    def __init__(self, path: Path) -> None:
        self._root = ElementTree.parse(path).getroot()

    def requests(self, sub_flow: str, facts: Facts, rows: str = "") -> list[Request]:
        """What the HTTP Request connectors of a sub-flow send; `rows` names the facts that a body
        which maps its payload maps.
        """
        flow = self._flow(sub_flow)
        (script,) = flow.iter(f"{EE}set-payload")
        made = []
        for each in flow.iter(f"{HTTP}request"):
            (config,) = self._root.findall(
                f"{HTTP}request-config[@name='{each.get('config-ref')}']"
            )
            headers = {
                one.attrib["key"]: _placeholders(one.attrib["value"], facts)
                for one in config.iter(f"{HTTP}default-header")
            }
            for own in each.iter(f"{HTTP}headers"):
                headers |= literal(_unwrapped(own.text or ""), facts)
            body = _dataweave(script.text or "", facts, rows)
            made.append(Request(each.attrib["method"], each.attrib["path"], headers, body))
        return made

    def logged(self, sub_flow: str, facts: Facts) -> list[tuple[str, dict[str, str]]]:
        """The message and the logging variables of each record that a sub-flow logs; fails when
        variables are left behind.
        """
        variables: dict[str, str] = {}
        made = []
        for each in self._flow(sub_flow):
            if each.tag == f"{TRACING}set-logging-variable":
                text = each.attrib["value"]
                found = _expression(_unwrapped(text), facts) if text.startswith("#[") else text
                variables[each.attrib["variableName"]] = found
            elif each.tag == f"{TRACING}remove-logging-variable":
                del variables[each.attrib["variableName"]]
            elif each.tag == f"{MULE}logger":
                made.append((each.attrib["message"], dict(variables)))
        assert variables == {}
        return made

    def _flow(self, name: str) -> ElementTree.Element:
        (found,) = self._root.findall(f"{MULE}sub-flow[@name='{name}']")
        return found


def boomi_request(operation: Path, script: Path, facts: Facts, rows: str) -> Request:
    """What a Send operation of the HTTP Client connector sends of what a script has written."""
    (send,) = ElementTree.parse(operation).getroot().iter("HttpSendAction")
    headers = {"Content-Type": send.attrib["dataContentType"]}
    for each in send.iter("header"):
        variable = each.get("isVariable") == "true"
        name = each.attrib["headerName"]
        headers[name] = facts["properties"][name] if variable else each.attrib["headerValue"]
    path = "/" + "".join(each.attrib["name"] for each in send.iter("element"))
    written = re.search(r"events << (\[.*?^    \])$", script.read_text("utf-8"), re.M | re.S)
    assert written
    events = [literal(written[1], {**facts, rows: row}) for row in facts[rows]]
    return Request(send.attrib["methodType"], path, headers, json.dumps(events).encode())


def properties(path: Path) -> dict[str, str]:
    """The pairs of a file of properties."""
    lines = path.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _dataweave(script: str, facts: Facts, rows: str) -> bytes:
    """The output of a script that is an object, or that maps each of the rows to one."""
    head, _, text = script.partition("\n---\n")
    (output,) = re.findall(r"^output (\S+)$", head, re.M)
    mapped = re.match(r"payload map \((\w+)\) -> ", text)
    if mapped is None:
        assert output == "application/json"
        return json.dumps(literal(text, facts)).encode()
    assert output == "application/x-ndjson"
    made = [literal(text[mapped.end() :], {**facts, mapped[1]: row}) for row in facts[rows]]
    return "".join(json.dumps(each) + "\n" for each in made).encode()


def _unwrapped(text: str) -> str:
    found = re.fullmatch(r"#\[(.*)\]", text.strip(), re.DOTALL)
    assert found, text
    return found[1]


def _placeholders(text: str, facts: Facts) -> str:
    return re.sub(r"\$\{([^}]+)\}", lambda found: str(facts[found[1]]), text)
