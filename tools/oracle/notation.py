"""How values are written in HCL, JSON and YAML, and what stands in an expression for a value that a deployment gives."""

import json
import re
from decimal import Decimal

BEGIN, END = "\x01", "\x02"
REFERENCE = re.compile(f"{BEGIN}([^{END}]*){END}")


def reference(name: str) -> str:
    """Stands in HCL for something that is known when a module is deployed: `var.x`, or an attribute."""
    return f"{BEGIN}{name}{END}"


def with_references(hcl: str, written) -> str:
    """The same HCL, with what `written` gives for each reference."""
    return REFERENCE.sub(lambda match: written(match[1]), hcl)


def quoted(text: str) -> str:
    """A text in HCL."""
    return f'"{inside_quotes(text)}"'


def inside_quotes(text: str) -> str:
    """The characters of a text between the quotes of HCL."""
    for character, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"),
                               ("${", "$${"), ("%{", "%%{")):
        text = text.replace(character, escaped)
    return text


def digits(number: int | Decimal) -> str:
    """A number without an exponent."""
    return format(number, "f") if isinstance(number, Decimal) else str(number)


def hcl_value(value) -> str:
    """A value in HCL."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return digits(value)
        case str():
            return quoted(value)
        case list():
            return "[" + ", ".join(hcl_value(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{quoted(name)} = {hcl_value(item)}" for name, item in value.items()) + "}"
    raise TypeError(value)


def read_json(text: str):
    """A JSON document whose numbers keep all their digits."""
    return json.loads(text, parse_float=Decimal)


def json_text(value, space: str = "") -> str:
    """A JSON document whose numbers keep all their digits."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return digits(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return "[" + f",{space}".join(json_text(item, space) for item in value) + "]"
        case dict():
            entries = (f"{json_text(name)}:{space}{json_text(item, space)}" for name, item in value.items())
            return "{" + f",{space}".join(entries) + "}"
    raise TypeError(value)


def yaml_text(template: dict) -> str:
    """A template in YAML: sections, and what each of them declares, on lines of their own."""
    lines = []
    for section, content in template.items():
        if not isinstance(content, dict):
            lines.append(f"{section}: {json_text(content, ' ')}")
            continue
        lines.append(f"{section}:")
        for name, declared in content.items():
            if isinstance(declared, dict) and "Type" in declared and "Properties" in declared:
                lines.append(f"  {name}:")
                lines += [f"    {key}: {json_text(item, ' ')}" for key, item in declared.items()]
            else:
                lines.append(f"  {name}: {json_text(declared, ' ')}")
    return "\n".join(lines) + "\n"
