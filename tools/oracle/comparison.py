"""Whether a module and a template give the same values, under every assignment of the inputs that is tried."""

from decimal import Decimal, InvalidOperation
from enum import Enum
from itertools import product
from random import Random

import intrinsics
import terraform
from notation import hcl_value, read_json, with_references
from pairs import Pair

# Assignments of one pair, at most.
ASSIGNMENTS = 8

# What the provider makes of an argument of each type.
CONVERTED = {
    "text": "tostring({0})",
    "described": "tostring({0})",
    "number": "tonumber({0})",
    "map": "{{for key, value in {0} : key => tostring(value)}}",
    "set": "[for value in {0} : tostring(value)]",
    "pattern": "tostring({0})",
    "document": "tostring({0})",
}


class Truth(Enum):
    """What the values of a pair say."""

    SAME = "same"
    DIFFERENT = "different"
    # Nothing, or nobody knows what the service makes of it.
    UNCLEAR = "unclear"


def assignments(pair: Pair) -> list[dict]:
    """Values of the inputs, by the names of parameters: all of them, or some."""
    choices = [of.values for of in pair.terms.inputs]
    total = 1
    for values in choices:
        total *= len(values)
    if total <= ASSIGNMENTS:
        several = list(product(*choices))
    else:
        rng = Random(f"assignments {pair.seed}")
        several = [tuple(of.default for of in pair.terms.inputs)]
        several += [tuple(rng.choice(values) for values in choices) for _ in range(ASSIGNMENTS - 1)]
    return [dict(zip((of.parameter for of in pair.terms.inputs), values)) for values in several]


def expressions(pair: Pair, given: dict) -> list[str]:
    """HCL of the conditions of resources, and of each slot, with the values of the inputs in it."""
    known = {f"var.{of.variable}": f"({of.in_terraform(given[of.parameter])})" for of in pair.terms.inputs}
    known |= {hcl: hcl_value(value) for hcl, _, value in pair.terms.attributes}
    conditions = [f"tobool({hcl})" for hcl in pair.conditions.values()]
    slots = [CONVERTED[slot.type].format(f"({slot.hcl})") for slot in pair.slots]
    return [with_references(pair.expanded(hcl), known.__getitem__) for hcl in conditions + slots]


def truth(pair: Pair, values: list[tuple[dict, list]]) -> tuple[Truth, str]:
    """What the values of a pair say, with an example: `values` has what Terraform found under each assignment."""
    seen = {}
    for given, found in values:
        for what, of, in_terraform, in_template in compared_under(pair, given, found):
            seen.setdefault(what, f"{of} with {given}: in Terraform {in_terraform!r}, in the template {in_template!r}")
    for what in (Truth.DIFFERENT, Truth.UNCLEAR, Truth.SAME):
        if what in seen:
            return what, seen[what]
    return Truth.UNCLEAR, "nothing was compared"


def compared_under(pair: Pair, given: dict, found: list):
    """What each condition and each slot says under one assignment, with both values."""
    template = intrinsics.Evaluator(pair.template(), given, attributes(pair))
    there = dict(zip(pair.conditions, found))
    for name, exists in there.items():
        if exists != terraform.FAILED:
            stated = template.condition(pair.resources[name.capitalize()]["Condition"])
            yield same(exists, stated), name, exists, stated
    for slot, in_terraform in zip(pair.slots, found[len(pair.conditions):]):
        if there.get(slot.resource.lower(), True) is not True or in_terraform == terraform.FAILED:
            continue
        holder = pair.resources[slot.resource]["Properties"] if slot.resource else pair.outputs
        try:
            in_template = at(template.value(holder), slot.path)
        except intrinsics.Failed:
            continue
        yield compared(slot.type, in_terraform, in_template), f"{slot.resource} {slot.name}", in_terraform, in_template


def attributes(pair: Pair) -> dict:
    """Attributes and pseudo parameters, as a template calls them."""
    return {(term["Ref"] if "Ref" in term else ".".join(term["Fn::GetAtt"])): value for _, term, value in pair.terms.attributes}


def at(value, path: tuple):
    """What stands at a path; nothing, where nothing stands there."""
    for step in path:
        if isinstance(value, list):
            value = value[step]
        elif step in value:
            value = value[step]
        else:
            return None
    return value


def compared(type: str, left, right) -> Truth:
    """Whether a module's value and a template's are the same."""
    try:
        if left is None or right is None:
            return Truth.SAME if left is right else Truth.UNCLEAR if not left and not right else Truth.DIFFERENT
        match type:
            case "described" if left == "" or right == "":
                # An empty text may be no text.
                return Truth.SAME if left == right else Truth.DIFFERENT
            case "text" | "described":
                return same(left, intrinsics.as_text(right))
            case "number":
                return same(Decimal(left), Decimal(intrinsics.as_text(right)))
            case "map":
                if isinstance(right, list):
                    right = {item["Key"]: item["Value"] for item in right}
                return same(left, {name: intrinsics.as_text(item) for name, item in right.items()})
            case "set":
                return same(set(left), {intrinsics.as_text(item) for item in right})
            case "pattern":
                right = read_json(right) if isinstance(right, str) else right
                return same(as_pattern(read_json(left)), as_pattern(right))
            case "document":
                return same(typed(as_document(left)), typed(as_document(intrinsics.as_text(right))))
    except (ValueError, InvalidOperation, AttributeError, TypeError, KeyError, intrinsics.Failed):
        # One of both is refused when it is deployed.
        return Truth.UNCLEAR
    raise KeyError(type)


def same(left, right) -> Truth:
    return Truth.SAME if left == right else Truth.DIFFERENT


def as_document(text: str):
    """The object or the list that a text holds, or else the text."""
    try:
        document = read_json(text)
    except ValueError:
        return text
    return document if isinstance(document, (dict, list)) else text


def typed(value):
    """A value that equals others of its type only: in Python, `True` is 1."""
    match value:
        case bool():
            return ("flag", value)
        case int() | Decimal():
            # Whoever reads JSON reads its numbers as this type.
            return ("number", float(value))
        case list():
            return ("list", tuple(typed(item) for item in value))
        case dict():
            return ("object", tuple(sorted((name, typed(item)) for name, item in value.items())))
    return value


def as_pattern(value):
    """An event pattern, in which the order of alternatives means nothing."""
    match value:
        case dict():
            return tuple(sorted((name, typed(item) if name == "numeric" else as_pattern(item)) for name, item in value.items()))
        case list():
            return frozenset(as_pattern(item) for item in value)
    return typed(value)
