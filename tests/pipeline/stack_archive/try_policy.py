"""Tries the bucket policy of the template in a MiniStack that evaluates policies: python try_policy.py ENDPOINT TEMPLATE.

MiniStack takes the ARN of a role's session for aws:PrincipalArn, where AWS takes the role's: who is named is a user here.
"""

import json
import sys
from pathlib import Path

import boto3
from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

endpoint, template = sys.argv[1:3]
boto3.setup_default_session(region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
BUCKET = "archive"
POLICY = yaml_parse(Path(template).read_text())["Resources"]["ArchiveOverTlsOnly"]["Properties"]["PolicyDocument"]
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def client(service, **credentials):
    return boto3.client(service, endpoint_url=endpoint, **credentials)


def resolved(value, named):
    """The value without CloudFormation's functions, where `named` is ErasureRoleArn; None for AWS::NoValue."""
    if isinstance(value, list):
        return [resolved(entry, named) for entry in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": "AWS::NoValue"}:
            return None
        case {"Ref": "ErasureRoleArn"}:
            return named
        case {"Fn::GetAtt": ["Archive", "Arn"]} | {"Fn::GetAtt": "Archive.Arn"}:
            return f"arn:aws:s3:::{BUCKET}"
        case {"Fn::Sub": text}:
            return text.replace("${Archive.Arn}", f"arn:aws:s3:::{BUCKET}")
        case {"Fn::If": ["HasErasureRole", where_named, where_not]}:
            return resolved(where_named if named else where_not, named)
        case {"Fn::If": ["CreatesErasureRole", _, where_given]}:
            return resolved(where_given, named)
    members = {name: resolved(member, named) for name, member in value.items()}
    assert not any(name == "Ref" or name.startswith("Fn::") for name in members), value
    return {name: member for name, member in members.items() if member is not None}


def user(name):
    iam = client("iam")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.put_user_policy(UserName=name, PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    s3 = client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    return arn, s3


def may(call, **arguments):
    try:
        call(Bucket=BUCKET, **arguments)
        return "may"
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied", error
        return "may not"


root = client("s3")
root.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
users = {name: user(name) for name in ["writer", "eraser"]}
lifecycle = {"Rules": [{"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}
for who, named in [("nobody", None), ("eraser", users["eraser"][0])]:
    policy = resolved(POLICY, named)
    # MiniStack is reached without TLS.
    policy["Statement"] = [statement for statement in policy["Statement"] if statement["Sid"] != "TlsOnly"]
    root.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    for name, (_, s3) in users.items():
        version = s3.put_object(Bucket=BUCKET, Key="reports/r-1.json", Body=b"{}")["VersionId"]
        hide = may(s3.delete_object, Key="reports/r-1.json")
        delete = may(s3.delete_object, Key="reports/r-1.json", VersionId=version)
        rules = may(s3.put_bucket_lifecycle_configuration, LifecycleConfiguration=lifecycle)
        print(f"{who} is named: {name} {hide} hide it, {delete} delete a version, {rules} set the lifecycle")
