"""Random expressions of inputs, in both dialects: what a module says, and how a template would say it.

Nothing here proves that both are the same. What they are is found out later, by value.
"""

import unicodedata
from dataclasses import dataclass, field
from random import Random

import words
from notation import inside_quotes, json_text, quoted, read_json, reference

NO_VALUE = {"Ref": "AWS::NoValue"}


@dataclass
class Term:
    """An expression in both dialects."""

    hcl: str
    cloudformation: object
    # What stands between the quotes of a text without expressions.
    characters: str | None = None


@dataclass
class Input:
    """A variable and the parameter of the same name, with values that a deployment may give."""

    variable: str
    parameter: str
    type: str
    default: object
    # Texts, or lists of them.
    values: list
    is_closed: bool = False

    def term(self) -> Term:
        return Term(reference(f"var.{self.variable}"), {"Ref": self.parameter})

    def in_terraform(self, value) -> str:
        """HCL with a value of the variable's type."""
        if self.type == "list(string)":
            return "tolist([" + ", ".join(quoted(item) for item in value) + "])" if value else "tolist([])"
        return quoted(value) if self.type == "string" else value


TYPES = {"string": "String", "number": "Number", "bool": "String", "list(string)": "CommaDelimitedList"}
# From this number on, inputs are used again where it is possible.
MANY = 5


@dataclass
class Terms:
    """Makes expressions, and declares what they need."""

    rng: Random
    inputs: list = field(default_factory=list)
    conditions: dict = field(default_factory=dict)
    mappings: dict = field(default_factory=dict)
    locals: dict = field(default_factory=dict)
    # Attributes and pseudo parameters, by how each dialect writes them, and a value.
    attributes: list = field(default_factory=list)

    def input(self, type: str) -> Input:
        """An input of a type: one that is there, or a new one."""
        rng = self.rng
        there = [one for one in self.inputs if one.type == type]
        if there and (rng.random() < 0.6 or len(self.inputs) >= MANY):
            return rng.choice(there)
        return self.declare(type)

    def declare(self, type: str) -> Input:
        """A new input."""
        rng, name = self.rng, f"in{len(self.inputs)}"
        is_closed = False
        match type:
            case "string":
                is_closed = rng.random() < 0.4
                values = ["dev", "prod", "test"][:rng.choice([2, 3])] if is_closed else ["", "x", "é", "5", "true", "a b"]
                default = rng.choice(values)
            case "number":
                values, default = ["1", "2", "5", "30", "0"], rng.choice(["1", "5"])
            case "bool":
                values, default, is_closed = ["true", "false"], rng.choice(["true", "false"]), True
            case _:
                values, default = [["x"], ["x", "y"], ["b", "a", "b"]], ["x", "y"]
        made = Input(f"{name}_{type[:4]}", f"{name.capitalize()}{type[:4].capitalize()}", type, default, values, is_closed)
        self.inputs.append(made)
        return made

    def text(self, depth: int) -> Term:
        """A text."""
        rng, deeper = self.rng, depth - 1
        if depth <= 0 or rng.random() < 0.2:
            return rng.choice([self.literal, self.literal, lambda: self.input("string").term(), self.attribute])()
        return rng.choice([
            lambda: self.interpolated(deeper),
            lambda: self.interpolated(deeper),
            lambda: self.joined(deeper),
            lambda: self.choice(deeper, self.text),
            lambda: self.choice(deeper, self.text),
            lambda: self.selected(deeper),
            lambda: self.split(),
            lambda: self.looked_up(),
            lambda: self.found_in_map(),
            lambda: self.not_empty(),
            lambda: self.number_as_text(),
            lambda: self.formatted(deeper),
            lambda: self.json_as_text(deeper),
            lambda: self.tried(deeper),
            lambda: self.named(self.text(deeper)),
            lambda: self.encoded(deeper),
            lambda: self.list_as_text(),
        ])()

    def literal(self) -> Term:
        text = words.word(self.rng)
        # Terraform composes accents. Some templates are written by people who do not know this.
        composed = unicodedata.normalize("NFC", text) if self.rng.random() < 0.7 else text
        return Term(quoted(text), composed, inside_quotes(text))

    def attribute(self) -> Term:
        hcl, cloudformation, _ = self.rng.choice(self.attributes)
        return Term(reference(hcl), cloudformation)

    def interpolated(self, depth: int) -> Term:
        """`"a${x}b"` and `Fn::Sub`, or `Fn::Join` with nothing between."""
        parts = [self.text(depth) if self.rng.random() < 0.6 else self.literal() for _ in range(self.rng.choice([1, 2, 3]))]
        parts.insert(self.rng.randrange(len(parts) + 1), self.literal())
        hcl = "".join(f"${{{part.hcl}}}" if part.characters is None else part.characters for part in parts)
        return Term(f'"{hcl}"', self.put_together([part.cloudformation for part in parts]))

    def put_together(self, parts: list):
        """A text of parts."""
        rng = self.rng
        if rng.random() < 0.3 or any(isinstance(part, str) and ("${" in part or part.endswith("$")) for part in parts):
            return {"Fn::Join": ["", parts]}
        text, variables = "", {}
        for part in parts:
            if isinstance(part, str):
                text += part
            elif list(part) == ["Ref"] and rng.random() < 0.8:
                text += f"${{{part['Ref']}}}"
            else:
                variables[f"V{len(variables)}"] = part
                text += f"${{V{len(variables) - 1}}}"
        return {"Fn::Sub": [text, variables] if variables else text}

    def joined(self, depth: int) -> Term:
        separator = words.plain(self.rng)
        parts = [self.text(depth) for _ in range(self.rng.choice([2, 3]))]
        hcl = f"join({quoted(separator)}, [{', '.join(part.hcl for part in parts)}])"
        return Term(hcl, {"Fn::Join": [separator, [part.cloudformation for part in parts]]})

    def choice(self, depth: int, make) -> Term:
        """One of two values."""
        condition = self.condition(min(depth, 1))
        then, otherwise = make(depth), make(depth)
        hcl = f"({condition.hcl} ? {then.hcl} : {otherwise.hcl})"
        return Term(hcl, {"Fn::If": [self.condition_name(condition), then.cloudformation, otherwise.cloudformation]})

    def condition_name(self, condition: Term) -> str:
        for name, stated in self.conditions.items():
            if stated == condition.cloudformation:
                return name
        name = f"Condition{len(self.conditions)}"
        self.conditions[name] = condition.cloudformation
        return name

    def condition(self, depth: int) -> Term:
        """A condition on the inputs."""
        rng, deeper = self.rng, depth - 1
        if depth <= 0 or rng.random() < 0.5:
            return rng.choice([self.is_true, self.is_true, self.equals, self.equals, self.is_empty])()
        if rng.random() < 0.3:
            inner = self.condition(deeper)
            return Term(f"!({inner.hcl})", {"Fn::Not": [inner.cloudformation]})
        left, right = self.condition(deeper), self.condition(deeper)
        operator, function = rng.choice([("&&", "Fn::And"), ("||", "Fn::Or")])
        return Term(f"({left.hcl} {operator} {right.hcl})", {function: [left.cloudformation, right.cloudformation]})

    def is_true(self) -> Term:
        flag = self.input("bool").term()
        return Term(flag.hcl, {"Fn::Equals": [flag.cloudformation, "true"]})

    def equals(self) -> Term:
        rng, of = self.rng, self.input(self.rng.choice(["string", "string", "number"]))
        term, value = of.term(), rng.choice(of.values)
        is_equal = {"Fn::Equals": [term.cloudformation, value]}
        if rng.random() < 0.4:
            return Term(f"{term.hcl} != {of.in_terraform(value)}", {"Fn::Not": [is_equal]})
        if rng.random() < 0.2:
            return Term(f"contains([{of.in_terraform(value)}], {term.hcl})", is_equal)
        return Term(f"{term.hcl} == {of.in_terraform(value)}", is_equal)

    def is_empty(self) -> Term:
        term = self.input("string").term()
        is_empty = {"Fn::Equals": [term.cloudformation, ""]}
        hcl = self.rng.choice([f"{term.hcl} == \"\"", f"length({term.hcl}) == 0"])
        return Term(hcl, is_empty)

    def selected(self, depth: int) -> Term:
        parts = [self.text(depth) for _ in range(2)]
        index = self.rng.choice([0, 1])
        items = ", ".join(part.hcl for part in parts)
        hcl = self.rng.choice([f"[{items}][{index}]", f"element([{items}], {index})"])
        return Term(hcl, {"Fn::Select": [index, [part.cloudformation for part in parts]]})

    def split(self) -> Term:
        text, index = self.rng.choice(["a,b,c", "x,,y", ",", "é,b"]), self.rng.choice([0, 1])
        return Term(f'split(",", {quoted(text)})[{index}]', {"Fn::Select": [index, {"Fn::Split": [",", text]}]})

    def table(self) -> tuple[Input, dict]:
        of = self.input("string")
        if not of.is_closed:
            of = self.declare("string")
            of.values, of.default, of.is_closed = ["dev", "prod"], "dev", True
        return of, {value: unicodedata.normalize("NFC", words.word(self.rng)) for value in of.values}

    def looked_up(self) -> Term:
        """A map by an input, and conditions."""
        of, table = self.table()
        entries = ", ".join(f"{quoted(name)} = {quoted(value)}" for name, value in table.items())
        *first, (_, last) = table.items()
        cloudformation = last
        for value, result in reversed(first):
            name = self.condition_name(Term("", {"Fn::Equals": [{"Ref": of.parameter}, value]}))
            cloudformation = {"Fn::If": [name, result, cloudformation]}
        hcl = self.rng.choice([f"{{{entries}}}[{of.term().hcl}]", f"lookup({{{entries}}}, {of.term().hcl}, \"none\")"])
        return Term(self.named_value(hcl) if self.rng.random() < 0.3 else hcl, cloudformation)

    def found_in_map(self) -> Term:
        of, table = self.table()
        name = f"Map{len(self.mappings)}"
        self.mappings[name] = {value: {"Value": result} for value, result in table.items()}
        entries = ", ".join(f"{quoted(key)} = {quoted(value)}" for key, value in table.items())
        hcl = f"{self.named_value('{' + entries + '}')}[{of.term().hcl}]"
        return Term(hcl, {"Fn::FindInMap": [name, {"Ref": of.parameter}, "Value"]})

    def not_empty(self) -> Term:
        of, text = self.input("string"), self.literal()
        name = self.condition_name(Term("", {"Fn::Equals": [{"Ref": of.parameter}, ""]}))
        hcl = self.rng.choice([f"coalesce({of.term().hcl}, {text.hcl})",
                               f"{of.term().hcl} != \"\" ? {of.term().hcl} : {text.hcl}"])
        return Term(f"({hcl})", {"Fn::If": [name, text.cloudformation, {"Ref": of.parameter}]})

    def number_as_text(self) -> Term:
        of = self.input(self.rng.choice(["number", "bool"])).term()
        return Term(self.rng.choice([f"tostring({of.hcl})", f'"${{{of.hcl}}}"', of.hcl, f'format("%v", {of.hcl})']), of.cloudformation)

    def formatted(self, depth: int) -> Term:
        one, other = self.text(depth), self.text(depth)
        return Term(f'format("%s/%s", {one.hcl}, {other.hcl})', {"Fn::Join": ["/", [one.cloudformation, other.cloudformation]]})

    def tried(self, depth: int) -> Term:
        text, other = self.text(depth), self.literal()
        hcl = self.rng.choice([f"try({{a = {text.hcl}}}.a, {other.hcl})", f"try({{a = {other.hcl}}}.b, {text.hcl})"])
        return Term(hcl, text.cloudformation)

    def encoded(self, depth: int) -> Term:
        text = self.text(min(depth, 1))
        return Term(f"base64encode({text.hcl})", {"Fn::Base64": text.cloudformation})

    def list_as_text(self) -> Term:
        of, separator = self.input("list(string)").term(), words.plain(self.rng)
        return Term(f"join({quoted(separator)}, {of.hcl})", {"Fn::Join": [separator, of.cloudformation]})

    def named(self, term: Term) -> Term:
        """The same, as a local value."""
        return Term(self.named_value(term.hcl), term.cloudformation)

    def named_value(self, hcl: str) -> str:
        name = f"value_{len(self.locals)}"
        self.locals[name] = hcl
        return reference(f"local.{name}")

    def json_as_text(self, depth: int) -> Term:
        document = self.document(min(depth, 1))
        return Term(f"jsonencode({document.hcl})", self.json_parts(document.cloudformation))

    def json_parts(self, document):
        """The text of a JSON document, put together as people do."""
        parts = self.written(document)
        if all(isinstance(part, str) for part in parts):
            return "".join(parts)
        return self.put_together(joined_literals(parts))

    def written(self, document) -> list:
        """The characters of a document, and what stands between them."""
        match document:
            case {"Bare": part}:
                return [part]
            case dict() if len(document) == 1 and (next(iter(document)) == "Ref" or next(iter(document)).startswith("Fn::")):
                return ['"', document, '"']
            case dict():
                lists = [[json_text(name), ":", *self.written(item)] for name, item in sorted(document.items())]
                return ["{", *separated(lists), "}"]
            case list():
                return ["[", *separated([self.written(item) for item in document]), "]"]
        return [json_text(document)]

    def document(self, depth: int) -> Term:
        """What stands in a JSON document. A number or a flag that is not known is `Bare` in it."""
        rng, deeper = self.rng, depth - 1
        if depth < 0 or rng.random() < 0.4:
            return rng.choice([self.scalar_of_document, lambda: self.text(min(depth, 1)), self.literal])()
        if rng.random() < 0.4:
            items = [self.document(deeper) for _ in range(rng.choice([1, 2]))]
            return Term("[" + ", ".join(item.hcl for item in items) + "]", [item.cloudformation for item in items])
        entries = {name: self.document(deeper) for name in rng.sample(["a", "b", "source", "detail", "z"], rng.choice([1, 2, 3]))}
        hcl = "{" + ", ".join(f"{name} = {item.hcl}" for name, item in entries.items()) + "}"
        return Term(hcl, {name: item.cloudformation for name, item in entries.items()})

    def scalar_of_document(self) -> Term:
        rng = self.rng
        if rng.random() < 0.5:
            of = self.input(rng.choice(["number", "bool"])).term()
            return Term(of.hcl, {"Bare": of.cloudformation})
        written = rng.choice(["1", "0.5", "true", "null", "30", "1.10"])
        return Term(written, read_json(written))

    def number(self, depth: int) -> Term:
        """A number."""
        rng = self.rng
        if depth > 0 and rng.random() < 0.4:
            return self.choice(depth - 1, self.number)
        if rng.random() < 0.4:
            return self.input("number").term()
        written = rng.choice(words.NUMBERS)
        return Term(rng.choice([written, f'"{written}"', f"tonumber({written})", f"{written} * 1"]), int(written))

    def items(self, depth: int) -> Term:
        """A list of texts."""
        rng = self.rng
        if rng.random() < 0.2:
            return self.input("list(string)").term()
        if depth > 0 and rng.random() < 0.3:
            return self.choice(depth - 1, self.items)
        texts = [self.text(min(depth, 1)) for _ in range(rng.choice([1, 2, 3]))]
        hcl = "[" + ", ".join(text.hcl for text in texts) + "]"
        if rng.random() < 0.3:
            hcl = rng.choice([f"concat({hcl}, [])", f"[for x in {hcl} : x]", f"tolist({hcl})", f"flatten([{hcl}])"])
        return Term(hcl, [text.cloudformation for text in texts])

    def entries(self, depth: int) -> Term:
        """A map of texts."""
        rng = self.rng
        entries = {name: self.text(depth) for name in rng.sample(["ONE", "TWO", "THREE", "four"], rng.choice([1, 2, 3]))}
        hcl = "{" + ", ".join(f"{name} = {text.hcl}" for name, text in entries.items()) + "}"
        cloudformation = {name: text.cloudformation for name, text in entries.items()}
        if rng.random() < 0.4:
            condition, text = self.condition(1), self.text(0)
            hcl = f"merge({hcl}, {condition.hcl} ? {{ FIVE = {text.hcl} }} : {{}})"
            cloudformation["FIVE"] = {"Fn::If": [self.condition_name(condition), text.cloudformation, NO_VALUE]}
        return Term(hcl, cloudformation)


def separated(lists: list[list]) -> list:
    """All of them in one list, with commas between."""
    return [part for index, parts in enumerate(lists) for part in ([","] if index else []) + parts]


def joined_literals(parts: list) -> list:
    """Neighbouring texts as one."""
    joined: list = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined
