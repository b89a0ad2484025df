"""The SQL of the template as Athena gets it: CloudFormation's functions resolved, for a stack with the Iceberg table and one without."""

import json
import re
from pathlib import Path

import yaml

PARAMETERS = {
    "AWS::StackName": "rollcall",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "123456789012",
    "AWS::NoValue": None,
    "GraphTenantId": "5466a424-0000-4000-8000-0000c0205050",
    "Analytics": "rollcall",
    "Archive": "archive",
    "Questions": "rollcall",
    "IcebergBucket": "table",
    "IcebergQueries": "rollcall-iceberg",
    "Schedules": "rollcall",
    "RetentionDays": "400",
}


class Loader(yaml.SafeLoader):
    """Reads !Ref and its like as {"Ref": …}, {"Fn::Sub": …}."""


def function(loader, tag, node):
    read = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: loader.construct_sequence, yaml.MappingNode: loader.construct_mapping}
    arguments = {} if isinstance(node, yaml.ScalarNode) else {"deep": True}
    return {tag if tag == "Ref" else f"Fn::{tag}": read[type(node)](node, **arguments)}


Loader.add_multi_constructor("!", function)


class Template:
    """The template, with the Iceberg table or without."""

    def __init__(self, path, has_iceberg_table):
        self.template = yaml.load(Path(path).read_text(), Loader)
        self.conditions = {"HasIcebergTable": has_iceberg_table}

    def resources(self, kind):
        """The resources of a type that the stack has, by name: their properties."""
        for name, resource in self.template["Resources"].items():
            if resource["Type"] == kind and self.conditions.get(resource.get("Condition"), True):
                yield name, resource["Properties"]

    def resolved(self, value, variables=None):
        """A value without functions."""
        if isinstance(value, list):
            return [self.resolved(entry) for entry in value]
        match value:
            case {"Ref": name}:
                return PARAMETERS[name]
            case {"Fn::GetAtt": name}:
                return f"arn:{name}"
            case {"Fn::FindInMap": [name, first, second]}:
                return self.template["Mappings"][name][first][second]
            case {"Fn::If": [condition, where_it_holds, where_not]}:
                return self.resolved(where_it_holds if self.conditions[condition] else where_not)
            case {"Fn::Join": [delimiter, texts]}:
                return delimiter.join(self.resolved(texts))
            case {"Fn::Split": [delimiter, text]}:
                return self.resolved(text).split(delimiter)
            case {"Fn::Sub": [text, variables]}:
                known = PARAMETERS | {name: self.resolved(variable) for name, variable in variables.items()}
                # What is put in is not looked at again.
                return re.sub(r"\$\{([^!}]+)\}", lambda found: known[found[1]], text)
            case {"Fn::Sub": text}:
                return self.resolved({"Fn::Sub": [text, {}]})
            case dict():
                return {name: self.resolved(member) for name, member in value.items()}
        return value

    def named_queries(self):
        """The named queries: name, workgroup, text."""
        for _, properties in self.resources("AWS::Athena::NamedQuery"):
            query = self.resolved(properties)
            yield query["Name"], query["WorkGroup"], query["QueryString"]

    def scheduled_queries(self):
        """The queries that schedules start: the schedule's name, workgroup, text."""
        for name, properties in self.resources("AWS::Scheduler::Schedule"):
            target = self.resolved({"Arn": properties["Target"]["Arn"]})["Arn"] if "Iceberg" in name else ""
            if target == "arn:aws:scheduler:::aws-sdk:athena:startQueryExecution":
                request = json.loads(self.resolved(properties["Target"]["Input"]))
                assert set(request) == {"QueryString", "WorkGroup", "QueryExecutionContext"}, request
                assert request["QueryExecutionContext"] == {"Database": "rollcall"}, request
                yield name, request["WorkGroup"], request["QueryString"]

    def queries(self):
        """All of them: name, text."""
        for name, _, text in [*self.named_queries(), *self.scheduled_queries()]:
            yield name, text

    def tables(self):
        """The columns of the tables that CloudFormation makes, by their names."""
        for _, properties in self.resources("AWS::Glue::Table"):
            table = properties["TableInput"]
            columns = table["StorageDescriptor"]["Columns"] + table["PartitionKeys"]
            yield table["Name"], {column["Name"]: column["Type"] for column in columns}
