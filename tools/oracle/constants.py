"""Random expressions of Terraform without inputs: what Terraform makes of one is what a template then says."""

from random import Random

import words
from notation import quoted

KEYS = ["a", "b", "k1", "Key", "z z", "é"]


class Constants:
    """Makes expressions of a wanted type. They may fail: whoever uses them asks Terraform first."""

    def __init__(self, rng: Random):
        self.rng = rng
        self.names = 0

    def any(self, depth: int) -> str:
        """A value of any type."""
        return self.rng.choice([self.text, self.number, self.flag, self.items, self.entries, self.objects])(depth)

    def scalar(self, depth: int) -> str:
        """A text, a number, or true or false."""
        return self.rng.choice([self.text, self.text, self.number, self.flag])(depth)

    def text(self, depth: int) -> str:
        """A text, or what Terraform makes one of."""
        rng, deeper = self.rng, depth - 1
        if depth <= 0 or rng.random() < 0.15:
            return quoted(words.word(rng))
        text, number, flag, items = self.text, self.number, self.flag, self.items
        makers = [
            lambda: f"upper({text(deeper)})",
            lambda: f"lower({text(deeper)})",
            lambda: f"title({text(deeper)})",
            lambda: f"trimspace({text(deeper)})",
            lambda: f"chomp({text(deeper)})",
            lambda: f"trim({text(deeper)}, {quoted(rng.choice(['a', ' ', 'é', 'ab', '']))})",
            lambda: f"trimprefix({text(deeper)}, {text(0)})",
            lambda: f"trimsuffix({text(deeper)}, {text(0)})",
            lambda: f"replace({text(deeper)}, {text(0)}, {text(0)})",
            lambda: f"substr({text(deeper)}, {rng.choice([0, 0, 1, 2, -1, -2, 5])}, {rng.choice([1, 2, 3, -1, 0, 50])})",
            lambda: f"indent({rng.choice([0, 2, 3])}, {text(deeper)})",
            lambda: f"join({text(0)}, {items(deeper)})",
            lambda: f"join({text(0)}, {self.sorted(deeper)})",
            lambda: f"split({text(0)}, {text(deeper)})[{rng.choice([0, 0, 1])}]",
            lambda: f"element({items(deeper)}, {rng.choice([0, 1, 2, 5])})",
            lambda: f"base64encode({text(deeper)})",
            lambda: f"jsonencode({self.any(deeper)})",
            lambda: f"jsondecode(jsonencode({text(deeper)}))",
            lambda: f"tostring({self.scalar(deeper)})",
            lambda: f"coalesce({text(deeper)}, {self.scalar(deeper)})",
            lambda: f"coalesce(null, {self.scalar(deeper)}, {text(0)})",
            lambda: f"lookup({self.entries(deeper)}, {quoted(rng.choice(KEYS))}, {text(deeper)})",
            lambda: f"try({self.entries(deeper)}.{rng.choice(['a', 'b', 'k1'])}, {text(deeper)})",
            lambda: f"try({self.scalar(deeper)}, {text(0)})",
            lambda: f"{self.parenthesised(flag(deeper))} ? {self.scalar(deeper)} : {self.scalar(deeper)}",
            lambda: f"({flag(deeper)} ? {items(deeper)} : {items(deeper)})[0]",
            lambda: f"format({self.format(deeper)})",
            lambda: f'"{rng.choice(["", "a", "é", "x-"])}${{{self.scalar(deeper)}}}{rng.choice(["", "-b", "e"])}"',
            lambda: f'"${{{text(deeper)}}}${{{self.scalar(deeper)}}}"',
            lambda: f'"%{{ if {flag(deeper)} }}{rng.choice(["a", "é "])}%{{ else }}${{{text(deeper)}}}%{{ endif }}"',
            lambda: self.loop(lambda name: f'"%{{ for {name} in {items(deeper)} }}${{{name}}};%{{ endfor }}"'),
            lambda: f"one([{text(deeper)}])",
            lambda: f"keys({self.entries(deeper)})[0]",
            lambda: f"values({self.entries(deeper)})[0]",
        ]
        return rng.choice(makers)()

    def number(self, depth: int) -> str:
        """A number."""
        rng, deeper = self.rng, depth - 1
        if depth <= 0 or rng.random() < 0.25:
            return words.number(rng)
        number = self.number
        makers = [
            lambda: f"({number(deeper)} {rng.choice('+-*/%')} {number(deeper)})",
            lambda: f"({number(deeper)} {rng.choice('+-*/')} {number(deeper)})",
            lambda: f"max({number(deeper)}, {number(deeper)})",
            lambda: f"min({number(deeper)}, {number(deeper)}, {number(0)})",
            lambda: f"abs({number(deeper)})",
            lambda: f"ceil({number(deeper)})",
            lambda: f"floor({number(deeper)})",
            lambda: f"-({number(deeper)})",
            lambda: f"length({self.text(deeper)})",
            lambda: f"length({self.items(deeper)})",
            lambda: f"length({self.entries(deeper)})",
            lambda: f"sum([{number(deeper)}, {number(deeper)}, {number(0)}])",
            lambda: f"tonumber(\"{number(0)}\")",
            lambda: f"{self.parenthesised(self.flag(deeper))} ? {number(deeper)} : {number(deeper)}",
            lambda: f"[{number(deeper)}, {number(deeper)}][{rng.choice([0, 1])}]",
            lambda: f"coalesce({number(deeper)}, {number(0)})",
            lambda: f"range({rng.choice(['3', '1, 4', '5, 1', '0, 9, 3'])})[1]",
        ]
        return rng.choice(makers)()

    def flag(self, depth: int) -> str:
        """True or false."""
        rng, deeper = self.rng, depth - 1
        if depth <= 0 or rng.random() < 0.25:
            return rng.choice(["true", "false"])
        text, number, flag = self.text, self.number, self.flag
        makers = [
            lambda: f"!{self.parenthesised(flag(deeper))}",
            lambda: f"({flag(deeper)} && {flag(deeper)})",
            lambda: f"({flag(deeper)} || {flag(deeper)})",
            lambda: f"({text(deeper)} {rng.choice(['==', '!='])} {text(deeper)})",
            lambda: f"({number(deeper)} {rng.choice(['==', '!=', '<', '<=', '>', '>='])} {number(deeper)})",
            lambda: f"({self.scalar(deeper)} {rng.choice(['==', '!='])} {self.scalar(deeper)})",
            lambda: f"contains({self.items(deeper)}, {text(0)})",
            lambda: f"startswith({text(deeper)}, {text(0)})",
            lambda: f"endswith({text(deeper)}, {text(0)})",
            lambda: f"strcontains({text(deeper)}, {text(0)})",
            lambda: f"alltrue([{flag(deeper)}, {flag(deeper)}])",
            lambda: f"anytrue([{flag(deeper)}, {flag(deeper)}])",
            lambda: f"can({self.entries(deeper)}.{rng.choice(['a', 'b'])})",
            lambda: f"tobool(\"{rng.choice(['true', 'false'])}\")",
        ]
        return rng.choice(makers)()

    def items(self, depth: int) -> str:
        """A list."""
        rng, deeper = self.rng, depth - 1
        make = rng.choice([self.text, self.text, self.text, self.number, self.scalar])
        if depth <= 0 or rng.random() < 0.3:
            return "[" + ", ".join(make(deeper) for _ in range(rng.choice([1, 2, 2, 3]))) + "]"
        items = self.items
        makers = [
            lambda: f"concat({items(deeper)}, {items(deeper)})",
            lambda: f"compact({items(deeper)})",
            lambda: f"distinct({items(deeper)})",
            lambda: f"reverse({items(deeper)})",
            lambda: f"flatten([{items(deeper)}, [{self.text(deeper)}]])",
            lambda: f"slice({items(deeper)}, 0, 1)",
            lambda: f"tolist({items(deeper)})",
            lambda: f"split({self.text(0)}, {self.text(deeper)})",
            lambda: f"keys({self.entries(deeper)})",
            lambda: f"values({self.entries(deeper)})",
            lambda: f"formatlist(\"%s-x\", {items(deeper)})",
            lambda: self.loop(lambda name: f"[for {name} in {items(deeper)} : {self.around(name)}]"),
            lambda: self.loop(lambda name: f"[for {name} in {items(deeper)} : {name} if {name} != {self.text(0)}]"),
            lambda: self.loop(lambda name: f"[for key, {name} in {self.entries(deeper)} : {name}]"),
            lambda: f"({self.flag(deeper)} ? {items(deeper)} : {items(deeper)})",
            lambda: f"tolist({self.sorted(deeper)})",
            lambda: f"jsondecode(jsonencode({items(deeper)}))",
            lambda: f"{self.objects(deeper)}[*].a",
        ]
        return rng.choice(makers)()

    def sorted(self, depth: int) -> str:
        """A list or a set in an order that Terraform finds."""
        rng, deeper = self.rng, depth - 1
        items = self.items
        return rng.choice([
            lambda: f"sort({items(deeper)})",
            lambda: f"toset({items(deeper)})",
            lambda: f"setunion({items(deeper)}, {items(deeper)})",
            lambda: f"setintersection({items(deeper)}, {items(deeper)})",
            lambda: f"setsubtract({items(deeper)}, {items(deeper)})",
            lambda: self.loop(lambda name: f"[for {name} in toset({items(deeper)}) : {name}]"),
        ])()

    def entries(self, depth: int) -> str:
        """An object or a map."""
        rng, deeper = self.rng, depth - 1
        if depth <= 0 or rng.random() < 0.35:
            names = rng.sample(KEYS, rng.choice([1, 2, 2, 3]))
            return "{" + ", ".join(f"{quoted(name)} = {self.scalar(deeper)}" for name in names) + "}"
        entries = self.entries
        makers = [
            lambda: f"merge({entries(deeper)}, {entries(deeper)})",
            lambda: f"merge({entries(deeper)}, {self.flag(deeper)} ? {entries(deeper)} : {{}})",
            lambda: f"tomap({entries(deeper)})",
            lambda: f"zipmap([\"a\", \"b\"], [{self.scalar(deeper)}, {self.scalar(deeper)}])",
            lambda: self.loop(lambda name: f"{{for key, {name} in {entries(deeper)} : upper(key) => {self.around(name)}}}"),
            lambda: self.loop(lambda name: f"{{for {name} in {self.items(deeper)} : {name} => {self.scalar(0)}}}"),
            lambda: self.loop(lambda name: f"{{for {name} in toset({self.items(deeper)}) : {name} => {name}}}"),
            lambda: f"{self.parenthesised(self.flag(deeper))} ? {entries(deeper)} : {entries(deeper)}",
            lambda: f"jsondecode(jsonencode({entries(deeper)}))",
        ]
        return f"({rng.choice(makers)()})"

    def objects(self, depth: int) -> str:
        """A list of objects that all have `a`."""
        items = (f"{{a = {self.scalar(depth - 1)}, b = {self.scalar(depth - 2)}}}" for _ in range(self.rng.choice([1, 2])))
        return "[" + ", ".join(items) + "]"

    def format(self, depth: int) -> str:
        """The arguments of `format`."""
        rng = self.rng
        return rng.choice([
            lambda: f'"%s-%s", {self.scalar(depth)}, {self.text(depth)}',
            lambda: f'"%d", {rng.choice(["3", "length([1, 2])", "-7", self.number(0)])}',
            lambda: f'"%0{rng.choice("345")}d", {rng.choice(["3", "42", "-7", "123456"])}',
            lambda: f'"%{rng.choice(["6s", "-6s", "3s"])}|", {self.text(depth)}',
            lambda: f'"%q", {self.text(depth)}',
            lambda: f'"%v", {self.scalar(depth)}',
            lambda: f'"%t", {self.flag(depth)}',
            lambda: f'"%s%%", {self.number(depth)}',
            lambda: f'"%.2f", {self.number(depth)}',
        ])()

    def around(self, name: str) -> str:
        """An expression with a name in it."""
        return self.rng.choice([name, f"upper({name})", f'"<${{{name}}}>"', f"length({name})", f"{name} == \"a\"", f"jsonencode({name})"])

    def loop(self, make) -> str:
        """What `make` makes of a new name."""
        self.names += 1
        return make(f"v{self.names}")

    @staticmethod
    def parenthesised(hcl: str) -> str:
        """An operand."""
        return f"({hcl})"
