"""A small evaluator of a template's conditions and functions, for given parameters
(<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>)."""

import base64
import re
from decimal import Decimal

from notation import digits, json_text

# What `AWS::NoValue` leaves behind: nothing.
NOTHING = object()


class Failed(Exception):
    """A stack with this template and these parameters could not be created."""


def as_text(value) -> str:
    """A scalar as part of a text."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return digits(value)
        case str():
            return value
    raise Failed(f"no text: {value!r}")


class Evaluator:
    """The values of a template."""

    def __init__(self, template: dict, parameters: dict, attributes: dict):
        """`parameters` are texts, or lists of them; `attributes` has those of resources, as `Name.Attribute`, and pseudo parameters."""
        self.template, self.parameters, self.attributes = template, parameters, attributes

    def condition(self, term) -> bool:
        """Whether a condition holds."""
        if isinstance(term, str):
            return self.condition(self.template["Conditions"][term])
        (function, argument), = term.items()
        match function:
            case "Condition":
                return self.condition(self.template["Conditions"][argument])
            case "Fn::Equals":
                left, right = (self.value(side) for side in argument)
                return as_text(left) == as_text(right)
            case "Fn::Not":
                return not self.condition(argument[0])
            case "Fn::And":
                return all(self.condition(part) for part in argument)
            case "Fn::Or":
                return any(self.condition(part) for part in argument)
        raise Failed(f"no condition: {function}")

    def value(self, term):
        """A value, without functions in it."""
        match term:
            case list():
                values = [self.value(item) for item in term]
                return [value for value in values if value is not NOTHING]
            case dict() if len(term) == 1 and (next(iter(term)) == "Ref" or next(iter(term)).startswith("Fn::")):
                (function, argument), = term.items()
                return self.function(function, argument)
            case dict():
                entries = {name: self.value(item) for name, item in term.items()}
                return {name: value for name, value in entries.items() if value is not NOTHING}
        return term

    def function(self, function: str, argument):
        match function:
            case "Ref":
                return self.named(argument)
            case "Fn::GetAtt":
                return self.named(".".join(argument))
            case "Fn::If":
                name, then, otherwise = argument
                return self.value(then if self.condition(name) else otherwise)
            case "Fn::Join":
                separator, items = argument
                items = self.value(items)
                if not isinstance(items, list):
                    raise Failed("no list to join")
                return separator.join(as_text(item) for item in items)
            case "Fn::Split":
                separator, text = argument
                return as_text(self.value(text)).split(separator)
            case "Fn::Select":
                index, items = argument
                index, items = as_text(self.value(index)), self.value(items)
                if not isinstance(items, list) or not index.isdecimal() or int(index) >= len(items):
                    raise Failed("no such item")
                return items[int(index)]
            case "Fn::Sub":
                text, variables = argument if isinstance(argument, list) else (argument, {})
                return re.sub(r"\$\{([^}]*)\}", lambda match: self.substituted(match[1], variables), text)
            case "Fn::FindInMap":
                name, first, second = (as_text(self.value(part)) for part in argument)
                try:
                    return self.template["Mappings"][name][first][second]
                except KeyError as missing:
                    raise Failed("no such key") from missing
            case "Fn::Base64":
                return base64.b64encode(as_text(self.value(argument)).encode()).decode()
            case "Fn::ToJsonString":
                return json_text(self.value(argument))
            case "Fn::Length":
                return len(self.value(argument))
        raise Failed(f"unknown: {function}")

    def substituted(self, name: str, variables: dict) -> str:
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        return as_text(self.value(variables[name]) if name in variables else self.named(name))

    def named(self, name: str):
        if name == "AWS::NoValue":
            return NOTHING
        for known in (self.parameters, self.attributes):
            if name in known:
                return known[name]
        raise Failed(f"nothing is called {name}")
