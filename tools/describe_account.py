"""Prints everything in an AWS account as JSON: kind -> name -> description.

Tests use the output to check two things: a removal leaves nothing, and both dialects deploy the
same. The endpoint and the credentials come from the environment. One process makes all requests, because
a hundred calls of `aws` would take minutes.
"""

import json
import sys

import boto3

# Attributes that differ between any two deployments.
VOLATILE = {
    "CodeSha256", "CreateDate", "CreatedTimestamp", "CreationDate", "CreationDateTime", "CreatedDate",
    "InstanceProfileId", "LastModificationDate", "LastModified", "LastModifiedTimestamp",
    "LastUpdatedDate", "ResponseMetadata", "RevisionId", "RoleId", "RoleLastUsed", "TableId", "UUID",
    "EventSourceMappingArn", "AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp",
    "creationTime", "ETag", "SecurityGroupArn", "LastProcessingResult", "StateTransitionReason",
    "IndexArn", "IndexSizeBytes", "IndexStatus", "PolicyId", "UpdateDate", "AttachmentCount",
    "PermissionsBoundaryUsageCount", "StateReason", "StateReasonData", "StateValue", "storedBytes", "TableSizeBytes", "ItemCount",
}


def client(service):
    return boto3.client(service)


def pages(service, operation, key, **arguments):
    """All items of a listing, from all pages if it has pages."""
    api = client(service)
    if api.can_paginate(operation):
        for page in api.get_paginator(operation).paginate(**arguments):
            yield from page.get(key) or []
    else:
        yield from getattr(api, operation)(**arguments).get(key) or []


def functions():
    api = client("lambda")
    for one in pages("lambda", "list_functions", "Functions"):
        name = one["FunctionName"]
        try:
            one["ResourcePolicy"] = json.loads(api.get_policy(FunctionName=name)["Policy"])["Statement"]
            for statement in one["ResourcePolicy"]:
                del statement["Sid"]
        except api.exceptions.ResourceNotFoundException:
            pass
        invocation = list(pages("lambda", "list_function_event_invoke_configs", "FunctionEventInvokeConfigs", FunctionName=name))
        one["EventInvokeConfig"] = [{key: value for key, value in config.items() if key != "FunctionArn"} for config in invocation]
        yield name, one


def apis():
    api = client("apigatewayv2")
    for one in pages("apigatewayv2", "get_apis", "Items"):
        id = one["ApiId"]
        stages = api.get_stages(ApiId=id)["Items"]
        integrations = api.get_integrations(ApiId=id)["Items"]
        numbers = {integration.pop("IntegrationId"): f"integration {number}" for number, integration in enumerate(integrations)}
        routes = api.get_routes(ApiId=id)["Items"]
        for route in routes:
            del route["RouteId"]
            kind, _, target = route.get("Target", "").partition("/")
            route["Target"] = f"{kind}/{numbers.get(target, target)}"
        one |= {"Stages": stages, "Integrations": integrations, "Routes": routes}
        yield one["Name"], json.loads(json.dumps(one, default=str).replace(id, "(API)"))


def queues():
    api = client("sqs")
    for url in pages("sqs", "list_queues", "QueueUrls"):
        attributes = api.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        yield url.rsplit("/", 1)[-1], {k: v for k, v in attributes.items() if not k.startswith("Approximate")}


def tables():
    for name in pages("dynamodb", "list_tables", "TableNames"):
        yield name, client("dynamodb").describe_table(TableName=name)["Table"]


def schedules():
    for one in pages("scheduler", "list_schedules", "Schedules"):
        yield one["Name"], client("scheduler").get_schedule(Name=one["Name"], GroupName=one["GroupName"])


def rules():
    for one in pages("events", "list_rules", "Rules"):
        yield one["Name"], one | {"Targets": list(pages("events", "list_targets_by_rule", "Targets", Rule=one["Name"]))}


def dashboards():
    for one in pages("cloudwatch", "list_dashboards", "DashboardEntries"):
        name = one["DashboardName"]
        yield name, json.loads(client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])


def roles():
    api = client("iam")
    for one in pages("iam", "list_roles", "Roles"):
        name = one["RoleName"]
        inline = pages("iam", "list_role_policies", "PolicyNames", RoleName=name)
        one["Policies"] = {policy: api.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in inline}
        one["Attached"] = list(pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name))
        yield name, one


def instance_profiles():
    for one in pages("iam", "list_instance_profiles", "InstanceProfiles"):
        yield one["InstanceProfileName"], one | {"Roles": [role["RoleName"] for role in one["Roles"]]}


def security_groups():
    # Each VPC has a group called `default`, so these groups get their id as name.
    for one in pages("ec2", "describe_security_groups", "SecurityGroups"):
        id = one.pop("GroupId")
        yield id if one["GroupName"] == "default" else one["GroupName"], one


def listed(service, operation, key, name, **arguments):
    """A kind whose listing is already complete, or whose names are enough."""
    return lambda: ((one[name] if name else one, one) for one in pages(service, operation, key, **arguments))


KINDS = {
    "function": functions,
    "event source mapping": listed("lambda", "list_event_source_mappings", "EventSourceMappings", "EventSourceArn"),
    "HTTP API": apis,
    "queue": queues,
    "table": tables,
    "schedule": schedules,
    "event rule": rules,
    "log group": listed("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "metric filter": listed("logs", "describe_metric_filters", "metricFilters", "filterName"),
    "alarm": listed("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "dashboard": dashboards,
    "role": roles,
    "customer policy": listed("iam", "list_policies", "Policies", "PolicyName", Scope="Local"),
    "instance profile": instance_profiles,
    "security group": security_groups,
    "launch template": listed("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName"),
    "topic": listed("sns", "list_topics", "Topics", "TopicArn"),
    "parameter": listed("ssm", "describe_parameters", "Parameters", "Name"),
    "key alias": listed("kms", "list_aliases", "Aliases", "AliasName"),
    "secret": listed("secretsmanager", "list_secrets", "SecretList", "Name"),
    "bucket": listed("s3", "list_buckets", "Buckets", "Name"),
    "stack": listed("cloudformation", "describe_stacks", "Stacks", "StackName"),
    "export": listed("cloudformation", "list_exports", "Exports", "Name"),
}


def settled(value):
    """The description without volatile attributes, with JSON texts parsed and lists sorted."""
    if isinstance(value, dict):
        kept = {key: settled(each) for key, each in value.items() if key not in VOLATILE}
        # Empty means the same as absent, and only CloudFormation sets tags of its own.
        return {key: each for key, each in kept.items() if each not in (None, "", [], {}) and not key.startswith("aws:")}
    if isinstance(value, list):
        each = [settled(one) for one in value if not (isinstance(one, dict) and str(one.get("Key", "")).startswith("aws:"))]
        return sorted(each, key=lambda one: json.dumps(one, sort_keys=True, default=str))
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return settled(json.loads(value))
        except ValueError:
            return value
    return value


def main():
    account = {kind: {name: settled(description) for name, description in describe()} for kind, describe in KINDS.items()}
    json.dump(account, sys.stdout, indent=1, sort_keys=True, default=str)


main()
