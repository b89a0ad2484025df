"""Graph's change notifications into SQS, with boto3: a handler written by hand."""

import json
import os
from urllib.parse import parse_qs

import boto3

from runtime import serve

secrets = boto3.client("secretsmanager")
sqs = boto3.client("sqs")
client_state = None


def handler(event):
    query = parse_qs(event.get("rawQueryString") or "")
    if "validationToken" in query:
        return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": query["validationToken"][0]}
    global client_state
    if client_state is None:
        client_state = secrets.get_secret_value(SecretId=os.environ["CLIENT_STATE_SECRET_ID"])["SecretString"]
    items = [item for item in json.loads(event["body"])["value"] if item["clientState"] == client_state]
    for start in range(0, len(items), 10):
        entries = [
            {"Id": str(number), "MessageBody": json.dumps(item)}
            for number, item in enumerate(items[start : start + 10])
        ]
        sent = sqs.send_message_batch(QueueUrl=os.environ["FETCH_QUEUE_URL"], Entries=entries)
        if sent.get("Failed"):
            return {"statusCode": 503}
    return {"statusCode": 202}


serve(handler)
