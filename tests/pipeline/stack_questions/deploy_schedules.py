"""Creates the Iceberg table's resources in MiniStack, and compares what its schedules send: deploy_schedules.py TEMPLATE ENDPOINT.

Nobody checks the input of a schedule before it fires. MiniStack resolves CloudFormation's functions by itself: what it makes of them
must be the texts that the other tests read.
"""

import json
import sys
import time

import boto3
from samtranslator.yaml_helper import yaml_parse

from template_sql import PARAMETERS, Template

path, endpoint = sys.argv[1:3]
STACK = "iceberg-trial"
boto3.setup_default_session(region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
template = yaml_parse(open(path).read())
needed = {"Schedules", "Analytics", "Archive", "UseArchive", "Questions", "RecordLines", "EventLines", "RegistrationLines"}
# It knows no named queries.
resources = {name: it for name, it in template["Resources"].items() if name in needed or name.startswith("Iceberg")}
kept = {part: template[part] for part in ["AWSTemplateFormatVersion", "Parameters", "Conditions", "Mappings"]}
cloudformation = boto3.client("cloudformation", endpoint_url=endpoint)
parameters = {"GraphTenantId": PARAMETERS["GraphTenantId"], "GraphClientId": PARAMETERS["GraphTenantId"], "IcebergTable": "yes"}
parameters["RetentionDays"] = PARAMETERS["RetentionDays"]
cloudformation.create_stack(
    StackName=STACK,
    TemplateBody=json.dumps(kept | {"Resources": resources}),
    Capabilities=["CAPABILITY_NAMED_IAM"],
    Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
)
for _ in range(300):
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    if not stack["StackStatus"].endswith("IN_PROGRESS"):
        break
    time.sleep(0.2)
assert stack["StackStatus"] == "CREATE_COMPLETE", stack
bucket = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId="IcebergBucket")
bucket = bucket["StackResourceDetail"]["PhysicalResourceId"]
scheduler = boto3.client("scheduler", endpoint_url=endpoint)
for name, _, text in Template(path, True).scheduled_queries():
    schedule = scheduler.get_schedule(GroupName=STACK, Name=f"{STACK}-iceberg-{name.removeprefix('Iceberg').lower()}")
    sent = json.loads(schedule["Target"]["Input"])
    assert sent["QueryString"].replace(f"s3://{bucket}/", "s3://table/") == text, (name, sent)
    # Athena's names know no hyphen.
    assert (sent["WorkGroup"], sent["QueryExecutionContext"]) == (f"{STACK}-iceberg", {"Database": "iceberg_trial"}), sent
    print(name)
