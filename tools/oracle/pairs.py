"""Random pairs of a module and a template, with every place in them where a value is compared."""

import copy
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

import words
from notation import BEGIN, digits, hcl_value, json_text, quoted, reference, with_references, yaml_text
from terms import TYPES, Term, Terms

ACCOUNT, REGION, PARTITION = "123456789012", "eu-west-1", "aws"
ROLE = "arn:aws:iam::123456789012:role/service"


@dataclass
class Slot:
    """A place that holds a value of some type in both files."""

    resource: str
    name: str
    type: str
    hcl: str
    # Where it stands below the template's properties, or below the outputs.
    path: tuple


@dataclass
class Pair:
    """A module and a template."""

    seed: str
    terms: Terms
    module: str = ""
    resources: dict = field(default_factory=dict)
    outputs: dict = field(default_factory=dict)
    slots: list = field(default_factory=list)
    # Conditions of resources, in HCL.
    conditions: dict = field(default_factory=dict)
    is_yaml: bool = True
    slip: str = ""

    def template(self) -> dict:
        """The template as an object."""
        parameters = {}
        for of in self.terms.inputs:
            default = ",".join(of.default) if isinstance(of.default, list) else of.default
            parameters[of.parameter] = {"Type": TYPES[of.type], "Default": default}
            if of.is_closed:
                parameters[of.parameter]["AllowedValues"] = of.values
        sections = {"AWSTemplateFormatVersion": "2010-09-09", "Parameters": parameters, "Mappings": self.terms.mappings,
                    "Conditions": self.terms.conditions, "Resources": self.resources, "Outputs": self.outputs}
        return {name: content for name, content in sections.items() if content != {}}

    def files(self) -> dict[str, str]:
        """The text of each file."""
        module = ['provider "aws" {\n  region = "eu-west-1"\n}', 'data "aws_region" "current" {}',
                  'data "aws_caller_identity" "current" {}', 'data "aws_partition" "current" {}']
        for of in self.terms.inputs:
            lines = [f'variable "{of.variable}" {{', f"  type    = {of.type}", f"  default = {hcl_value(typed_default(of))}"]
            if of.is_closed and of.type == "string":
                lines += ["  validation {", f"    condition     = contains({hcl_value(of.values)}, var.{of.variable})",
                          '    error_message = "One of the allowed values."', "  }"]
            module.append("\n".join([*lines, "}"]))
        for name, hcl in self.terms.locals.items():
            module.append(f"locals {{\n  {name} = {hcl}\n}}")
        module.append(self.module)
        text = with_references("\n\n".join(module) + "\n", lambda name: name)
        template = self.template()
        if self.is_yaml:
            return {"terraform/main.tf": text, "template.yaml": yaml_text(template)}
        return {"terraform/main.tf": text, "template.json": json_text(template, " ")}

    def expanded(self, hcl: str) -> str:
        """The same HCL, with the values of locals in the place of their names."""
        while f"{BEGIN}local." in hcl:
            hcl = with_references(hcl, lambda name: f"({self.terms.locals[name[6:]]})" if name.startswith("local.") else reference(name))
        return hcl


def typed_default(of):
    """The default as a value of the variable's type."""
    match of.type:
        case "number":
            return Decimal(of.default)
        case "bool":
            return of.default == "true"
    return of.default


class Maker:
    """Makes a pair."""

    def __init__(self, seed: str):
        self.rng = Random(seed)
        self.terms = Terms(self.rng)
        self.pair = Pair(seed, self.terms, is_yaml=self.rng.random() < 0.5)
        self.terms.attributes = [
            ("data.aws_region.current.name", {"Ref": "AWS::Region"}, REGION),
            ("data.aws_caller_identity.current.account_id", {"Ref": "AWS::AccountId"}, ACCOUNT),
            ("data.aws_partition.current.partition", {"Ref": "AWS::Partition"}, PARTITION),
            ("aws_sqs_queue.first.arn", {"Fn::GetAtt": ["First", "Arn"]}, "arn:aws:sqs:eu-west-1:123456789012:first"),
            ("aws_sqs_queue.first.url", {"Ref": "First"}, "https://sqs.eu-west-1.amazonaws.com/123456789012/first"),
        ]

    def by_construction(self) -> Pair:
        """Expressions of inputs, written in both dialects."""
        self.add("first", "aws_sqs_queue", "AWS::SQS::Queue", 'name = "first"\nmax_message_size = 262144', {"QueueName": "first", "MaximumMessageSize": 262144}, [])
        makers = [self.function, self.function, self.queue, self.rule, self.schedule, self.log_group, self.alarm, self.mapping]
        for index in range(self.rng.choice([2, 3])):
            self.rng.choice(makers)(f"r{index}")
        if self.rng.random() < 0.6:
            self.output(self.terms.text(2))
        return self.pair

    def of_constants(self, values: list[tuple[str, object]]) -> Pair:
        """Expressions without inputs, and the values that Terraform found for them."""
        environment, described = {}, {}
        for index, (hcl, value) in enumerate(values):
            if isinstance(value, str):
                environment[f"V{index}"] = (f"{hcl}", value)
            else:
                described[f"V{index}"] = (f"jsonencode({hcl})", value)
        for name, (hcl, value) in described.items():
            if self.rng.random() < 0.5:
                environment[name] = (hcl, terraform_json(value))
        hcl = "{" + ", ".join(f"{name} = {expression}" for name, (expression, _) in environment.items()) + "}"
        self.function_with(Term(hcl, {name: value for name, (_, value) in environment.items()}), Term("128", 128), "constants", False)
        for name, (expression, value) in described.items():
            if name not in environment and isinstance(value, (dict, list)):
                self.schedule_with(Term(expression, json_text(value)), f"s{name.lower()}", False)
        return self.pair

    def add(self, name: str, hcl_type: str, type: str, hcl: str, properties: dict, slots: list, may_be_conditional: bool = False) -> None:
        """A resource; each slot is a name, a type, HCL and a path."""
        count, resource = "", {"Type": type, "Properties": properties}
        if may_be_conditional and self.rng.random() < 0.25:
            condition = self.terms.condition(1)
            self.pair.conditions[name] = condition.hcl
            resource = {"Type": type, "Condition": self.terms.condition_name(condition), "Properties": properties}
            count = f"  count = {condition.hcl} ? 1 : 0\n"
        lines = "\n".join(f"  {line}" for line in hcl.splitlines())
        self.pair.module += f'resource "{hcl_type}" "{name}" {{\n{count}{lines}\n}}\n\n'
        self.pair.resources[name.capitalize()] = resource
        self.pair.slots += [Slot(name.capitalize(), *slot) for slot in slots]

    def function(self, name: str) -> None:
        self.function_with(self.terms.entries(2), self.terms.number(1), name, True)

    def function_with(self, entries: Term, memory: Term, name: str, may_be_conditional: bool) -> None:
        properties = {"FunctionName": name, "Role": ROLE, "Runtime": "python3.12", "Handler": "a.b",
                      "Code": {"S3Bucket": "packages", "S3Key": "k"}, "MemorySize": memory.cloudformation,
                      "Environment": {"Variables": entries.cloudformation}}
        hcl = "\n".join([f'function_name = "{name}"', f'role = "{ROLE}"', 'runtime = "python3.12"', 'handler = "a.b"',
                         's3_bucket = "packages"', 's3_key = "k"', f"memory_size = {memory.hcl}",
                         "environment {", f"  variables = {entries.hcl}", "}"])
        self.add(name, "aws_lambda_function", "AWS::Lambda::Function", hcl, properties,
                 [("memory", "number", memory.hcl, ("MemorySize",)), ("variables", "map", entries.hcl, ("Environment", "Variables"))], may_be_conditional)

    def queue(self, name: str) -> None:
        delay, tags = self.terms.number(2), self.terms.entries(1)
        keyed = [{"Key": key, "Value": value} for key, value in tags.cloudformation.items()]
        for index, item in enumerate(keyed):
            if isinstance(item["Value"], dict) and item["Value"].get("Fn::If", [0, 0, 0])[2] == {"Ref": "AWS::NoValue"}:
                condition, value, nothing = item["Value"]["Fn::If"]
                keyed[index] = {"Fn::If": [condition, {"Key": item["Key"], "Value": value}, nothing]}
        # Both dialects have defaults of their own for the size.
        hcl = f'name = "{name}"\nmax_message_size = 1024\ndelay_seconds = {delay.hcl}\ntags = {tags.hcl}'
        properties = {"QueueName": name, "MaximumMessageSize": 1024, "DelaySeconds": delay.cloudformation, "Tags": keyed}
        self.add(name, "aws_sqs_queue", "AWS::SQS::Queue", hcl, properties,
                 [("delay", "number", delay.hcl, ("DelaySeconds",)), ("tags", "map", tags.hcl, ("Tags",))], True)

    def rule(self, name: str) -> None:
        fields = self.rng.sample(["source", "account", "id"], self.rng.choice([1, 2]))
        matches = {of: [self.matcher() for _ in range(self.rng.choice([1, 2, 3]))] for of in fields}
        hcl = "jsonencode({" + ", ".join(f"{of} = [{', '.join(item.hcl for item in items)}]" for of, items in matches.items()) + "})"
        pattern = {of: [without_bare(item.cloudformation) for item in items] for of, items in matches.items()}
        description = self.terms.text(1)
        self.add(name, "aws_cloudwatch_event_rule", "AWS::Events::Rule",
                 f'name = "{name}"\ndescription = {description.hcl}\nevent_pattern = {hcl}',
                 {"Name": name, "Description": description.cloudformation, "EventPattern": pattern},
                 [("pattern", "pattern", hcl, ("EventPattern",)), ("description", "described", description.hcl, ("Description",))], True)

    def matcher(self) -> Term:
        """What a field may be."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.4:
            return self.terms.text(1)
        if kind < 0.6:
            return self.terms.scalar_of_document()
        if kind < 0.75:
            low, high = rng.choice([(0, 5), (1, 100)])
            return Term(f'{{numeric = [">", {low}, "<=", {high}]}}', {"numeric": [">", low, "<=", high]})
        operator, text = rng.choice(["prefix", "anything-but"]), self.terms.text(0)
        return Term(f'{{"{operator}" = {text.hcl}}}', {operator: text.cloudformation})

    def schedule(self, name: str) -> None:
        document = self.terms.document(2)
        self.schedule_with(Term(f"jsonencode({document.hcl})", self.terms.json_parts(document.cloudformation)), name, True)

    def schedule_with(self, given: Term, name: str, may_be_conditional: bool) -> None:
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
        minutes = self.rng.choice(["1 minute", "5 minutes"])
        hcl = "\n".join([f'name = "{name}"', f'schedule_expression = "rate({minutes})"', "flexible_time_window {", '  mode = "OFF"', "}",
                         "target {", f'  arn = "{arn}"', f'  role_arn = "{ROLE}"', f"  input = {given.hcl}", "}"])
        properties = {"Name": name, "ScheduleExpression": f"rate({minutes})", "FlexibleTimeWindow": {"Mode": "OFF"},
                      "Target": {"Arn": arn, "RoleArn": ROLE, "Input": given.cloudformation}}
        self.add(name, "aws_scheduler_schedule", "AWS::Scheduler::Schedule", hcl, properties,
                 [("input", "document", given.hcl, ("Target", "Input"))], may_be_conditional)

    def log_group(self, name: str) -> None:
        suffix, days = self.terms.text(2), self.terms.choice(0, self.terms.number)
        self.add(name, "aws_cloudwatch_log_group", "AWS::Logs::LogGroup",
                 f'name = "/{name}"\nretention_in_days = {days.hcl}\nkms_key_id = {suffix.hcl}',
                 {"LogGroupName": f"/{name}", "RetentionInDays": days.cloudformation, "KmsKeyId": suffix.cloudformation},
                 [("days", "number", days.hcl, ("RetentionInDays",)), ("key", "described", suffix.hcl, ("KmsKeyId",))], True)

    def alarm(self, name: str) -> None:
        written = self.rng.choice(words.NUMBERS + words.ODD_NUMBERS)
        threshold = self.terms.choice(0, lambda _: Term(written, Decimal(written)))
        actions = self.terms.items(1)
        hcl = "\n".join([f'alarm_name = "{name}"', 'comparison_operator = "GreaterThanThreshold"', "evaluation_periods = 1",
                         'metric_name = "Errors"', 'namespace = "AWS/Lambda"', "period = 60", 'statistic = "Sum"',
                         f"threshold = {threshold.hcl}", f"alarm_actions = {actions.hcl}"])
        properties = {"AlarmName": name, "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "MetricName": "Errors",
                      "Namespace": "AWS/Lambda", "Period": 60, "Statistic": "Sum", "Threshold": threshold.cloudformation,
                      "AlarmActions": actions.cloudformation}
        self.add(name, "aws_cloudwatch_metric_alarm", "AWS::CloudWatch::Alarm", hcl, properties,
                 [("threshold", "number", threshold.hcl, ("Threshold",)), ("actions", "set", actions.hcl, ("AlarmActions",))], True)

    def mapping(self, name: str) -> None:
        source, size = reference("aws_sqs_queue.first.arn"), self.terms.number(1)
        matches = [self.matcher() for _ in range(self.rng.choice([1, 2]))]
        hcl = f"jsonencode({{body = {{kind = [{', '.join(item.hcl for item in matches)}]}}}})"
        pattern = self.terms.json_parts({"body": {"kind": [item.cloudformation for item in matches]}})
        lines = [f"event_source_arn = {source}", f'function_name = "{name}"', f"batch_size = {size.hcl}",
                 "filter_criteria {", "  filter {", f"    pattern = {hcl}", "  }", "}"]
        properties = {"EventSourceArn": {"Fn::GetAtt": ["First", "Arn"]}, "FunctionName": name, "BatchSize": size.cloudformation,
                      "FilterCriteria": {"Filters": [{"Pattern": pattern}]}}
        self.add(name, "aws_lambda_event_source_mapping", "AWS::Lambda::EventSourceMapping", "\n".join(lines), properties,
                 [("size", "number", size.hcl, ("BatchSize",)), ("filter", "pattern", hcl, ("FilterCriteria", "Filters", 0, "Pattern"))])

    def output(self, text: Term) -> None:
        self.pair.module += f'output "result" {{\n  value = {text.hcl}\n}}\n'
        self.pair.outputs["Result"] = {"Value": text.cloudformation}
        self.pair.slots.append(Slot("", "output", "text", text.hcl, ("Result", "Value")))


def without_bare(document):
    """A document in which a template says a number as it says a text."""
    match document:
        case {"Bare": part}:
            return part
        case dict():
            return {name: without_bare(item) for name, item in document.items()}
        case list():
            return [without_bare(item) for item in document]
    return document


def terraform_json(value) -> str:
    """The text that `jsonencode` makes of a value."""
    text = json_text(sorted_names(value))
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(character, escaped)
    return text


def sorted_names(value):
    match value:
        case dict():
            return {name: sorted_names(value[name]) for name in sorted(value)}
        case list():
            return [sorted_names(item) for item in value]
    return value


def slipped(pair: Pair, rng: Random) -> Pair:
    """The same pair with one random mistake in its template."""
    pair = copy.deepcopy(pair)
    places: list = []

    def look(holder, key):
        value = holder[key]
        if key in ("Type", "Condition", "Ref", "Fn::GetAtt") or value == {"Ref": "AWS::NoValue"}:
            return
        # The arguments of a function keep their number and their order.
        changes = [] if str(key).startswith("Fn::") and isinstance(value, list) else list(changed(value, rng))
        if isinstance(value, dict) and "Fn::If" in value:
            name, then, otherwise = value["Fn::If"]
            changes.append(("branches", {"Fn::If": [name, otherwise, then]}))
        places.extend((holder, key, what, new) for what, new in changes)
        if isinstance(value, dict):
            for inner in value:
                look(value, inner)
        elif isinstance(value, list):
            for inner in range(len(value)):
                if not (key in ("Fn::If", "Fn::FindInMap") and inner == 0):
                    look(value, inner)

    for slot in pair.slots:
        holder = pair.resources[slot.resource]["Properties"] if slot.resource else pair.outputs
        *way, last = slot.path
        for step in way:
            holder = holder[step]
        look(holder, last)
    for table in pair.terms.mappings.values():
        for row in table.values():
            look(row, "Value")
    if places:
        what = rng.choice(sorted({what for _, _, what, _ in places}))
        holder, key, _, new = rng.choice([place for place in places if place[2] == what])
        holder[key] = new
        pair.slip = what
    return pair


def changed(value, rng: Random):
    """Ways to write a value wrongly."""
    match value:
        case bool():
            yield "flag", not value
            yield "flag as text", "true" if value else "false"
        case int() | Decimal():
            yield "number", value + 1
            yield "number as text", digits(value)
        case str():
            if "${" in value:
                return
            for form in ("NFC", "NFD"):
                if unicodedata.normalize(form, value) != value:
                    yield f"characters {form}", unicodedata.normalize(form, value)
            if value != value.upper():
                yield "capitals", value.upper()
            if value:
                yield "last character", value[:-1]
            if value != value.strip():
                yield "white space", value.strip()
            yield "text", value + rng.choice(["x", " ", "\n"])
            if value in ("true", "false"):
                yield "text as flag", value == "true"
            if value.isdecimal() and str(int(value)) == value:
                yield "text as number", int(value)
        case list() if len(value) > 1 and not isinstance(value[0], str):
            yield "order", value[::-1]
            yield "item", value[:-1]
        case dict() if len(value) > 1:
            gone = rng.choice(sorted(value))
            yield "entry", {name: item for name, item in value.items() if name != gone}
