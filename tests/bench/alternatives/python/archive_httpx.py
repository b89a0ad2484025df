"""Reports from Graph into S3, with httpx and boto3: a handler written by hand."""

import json
import os

import boto3
import httpx

from runtime import serve

s3 = boto3.client("s3")
graph = httpx.Client(timeout=60)


def sign_in():
    answer = graph.post(
        f"{os.environ['LOGIN_URL']}/{os.environ['AZURE_TENANT_ID']}/oauth2/v2.0/token",
        data={
            "client_id": os.environ["AZURE_CLIENT_ID"],
            "client_secret": os.environ["AZURE_CLIENT_SECRET"],
            "scope": "https://graph.microsoft.com/.default",
            "grant_type": "client_credentials",
        },
    )
    graph.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"


def report(path):
    answer = graph.get(f"{os.environ['GRAPH_URL']}/v1.0/{path}", params={"$expand": "attendanceRecords"})
    whole = answer.raise_for_status().json()
    link = whole.pop("attendanceRecords@odata.nextLink", None)
    while link:
        page = graph.get(link).raise_for_status().json()
        whole["attendanceRecords"] += page["value"]
        link = page.get("@odata.nextLink")
    return whole


def handler(event):
    if "Authorization" not in graph.headers:
        sign_in()
    for job in event["jobs"]:
        body = json.dumps(report(job["path"]), separators=(",", ":")).encode()
        s3.put_object(
            Bucket=os.environ["ARCHIVE_BUCKET"], Key=job["key"], Body=body, ContentType="application/json"
        )
    return {}


serve(handler)
