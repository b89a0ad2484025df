"""Creates the stack in MiniStack: python deploy.py ENDPOINT GRAPH_URL BINARIES LOGS TEMPLATE; prints its outputs as JSON.

What MiniStack does not do as AWS does, and is changed here:
- Rules are not evaluated: they are left out.
- A MaximumConcurrency that comes from a parameter stays a text, and its poller fails: the number is written in.
- It knows no CodeDeploy: versions take over at once.
- It knows no alarms over metric math and no named queries of Athena's: those are left out; cfn-lint checks them.
- Functions reach the simulated Graph instead of Microsoft's: GRAPH_URL and LOGIN_URL are added.
- It evaluates no IAM: tests/pipeline/stack_template.rs reads the roles instead.
- It keeps nothing of what a compiled function prints: each one's output goes to a file in LOGS.

What is changed to save time: schedules of hours run every minute, and what a killed fetch function had received is
visible again after 20 s instead of 12 minutes. Other functions keep their times: a unit of a run begins with nothing
that it could not end before its function's timeout.
"""

import io
import json
import os
import sys
import time
import zipfile
from pathlib import Path

import boto3
from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

endpoint, graph_url, binaries, logs, template = sys.argv[1:6]
PARAMETERS = {
    "GraphTenantId": "5466a424-0000-4000-8000-0000c0205050",
    "GraphClientId": "6f2d3c1e-0000-4000-8000-00000000c0de",
}
# What must be refused before anything is created.
NONSENSE = [
    ("GraphTenantId", "contoso.onmicrosoft.com"),
    ("GraphTenantId", ""),
    ("GraphClientId", "YOUR_APPLICATION_ID"),
    ("GraphCloud", "mars"),
    ("GraphVersion", "v2.0"),
    ("Watch", "everything"),
    ("GraphCredential", "password"),
    ("GraphSecretArn", "my-secret"),
    ("GraphKmsKeyArn", "alias/my-key"),
    ("NotificationKeySecretArn", "arn:aws:s3:::bucket"),
    ("SecretsKmsKeyArn", "my-key"),
    ("KmsKeyArn", "my-key"),
    ("ObjectLockMode", "FOREVER"),
    ("ObjectLockDays", "0"),
    ("ErasureRoleArn", "arn:aws:iam::123456789012:user/megan"),
    ("TombstoneKeySecretArn", "my-secret"),
    ("ReplicaBucketArn", "my-bucket"),
    ("ReplicaKmsKeyArn", "alias/my-key"),
    ("BucketEvents", "yes"),
    ("IcebergTable", "maybe"),
    ("SettledReads", "maybe"),
    ("FetchConcurrency", "1"),
    ("WebhookReservedConcurrency", "-2"),
    ("NotificationUrl", "http://rollcall.contoso.com"),
    ("OriginSecretSha256", "my secret"),
    ("LogLevel", "LOUD"),
    ("LogRetentionDays", "42"),
    ("AlarmTopicArn", "me@contoso.com"),
    ("Environment", "production"),
]
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
boto3.setup_default_session(region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def client(service):
    return boto3.client(service, endpoint_url=endpoint)


def upload(function):
    """The function's package: its binary, started by a bootstrap that keeps what it prints."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        started = f"#!/bin/sh\nexec ./function >> '{logs}/{function}.log' 2>&1\n".encode()
        for name, content in [("bootstrap", started), ("function", (Path(binaries) / function).read_bytes())]:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    client("s3").put_object(Bucket="rollcall-packages", Key=f"{function}.zip", Body=package.getvalue())
    return f"s3://rollcall-packages/{function}.zip"


client("s3").create_bucket(Bucket="rollcall-packages")
stack = yaml_parse(Path(template).read_text())
del stack["Rules"]
del stack["Globals"]["Function"]["DeploymentPreference"]
for resource in stack["Resources"].values():
    resource["Properties"].pop("DeploymentPreference", None)
unknown = [
    name
    for name, resource in stack["Resources"].items()
    if resource["Type"] == "AWS::Athena::NamedQuery" or "Metrics" in resource.get("Properties", {})
]
for name in unknown:
    del stack["Resources"][name]
stack["Resources"]["FetchQueue"]["Properties"]["VisibilityTimeout"] = 20
stack["Resources"]["Fetch"]["Properties"]["Timeout"] = 20
for resource in stack["Resources"].values():
    if resource["Type"] == "AWS::Scheduler::Schedule" and resource["Properties"]["ScheduleExpression"].startswith("rate"):
        resource["Properties"]["ScheduleExpression"] = "rate(1 minute)"
    if resource["Type"] == "AWS::Serverless::Function":
        properties = resource["Properties"]
        properties["CodeUri"] = upload(properties["CodeUri"].rsplit("/")[-1])
        variables = properties["Environment"]["Variables"]
        if "GRAPH_CLOUD" in variables:
            variables.update(GRAPH_URL=graph_url, LOGIN_URL=graph_url)
        for event in properties.get("Events", {}).values():
            event["Properties"]["ScalingConfig"] = {"MaximumConcurrency": 5}

transformed = json.dumps(transform(stack, {}, ManagedPolicyLoader(client("iam"))))
# From the bucket, as sam deploy does it: it is too long for the call.
client("s3").put_object(Bucket="rollcall-packages", Key="template.json", Body=transformed)
cloudformation = client("cloudformation")


def create(parameters):
    cloudformation.create_stack(
        StackName="rollcall",
        TemplateURL=f"{endpoint}/rollcall-packages/template.json",
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )


for name, value in NONSENSE:
    try:
        create({**PARAMETERS, name: value})
    except cloudformation.exceptions.ClientError as refused:
        assert name in str(refused), refused
    else:
        raise AssertionError(f"{name}={value} is not refused")
create(PARAMETERS)
while True:
    shown = cloudformation.describe_stacks(StackName="rollcall")["Stacks"][0]
    if not shown["StackStatus"].endswith("IN_PROGRESS"):
        break
    time.sleep(0.2)
events = cloudformation.describe_stack_events(StackName="rollcall")["StackEvents"]
failed = [f"{event['LogicalResourceId']} {event['ResourceStatus']}: {event.get('ResourceStatusReason')}" for event in events if event.get("ResourceStatusReason")]
assert shown["StackStatus"] == "CREATE_COMPLETE", (shown["StackStatus"], shown.get("StackStatusReason"), failed)
print(json.dumps({output["OutputKey"]: output["OutputValue"] for output in shown["Outputs"]}))
