"""The reports of a meeting from Graph into a folder or a bucket, eight at a time, with httpx and boto3.

pull_httpx.py users/…/onlineMeetings/…/attendanceReports FOLDER|s3://BUCKET
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import httpx

AT_A_TIME = 8


async def sign_in(graph):
    answer = await graph.post(
        f"{os.environ['LOGIN_URL']}/{os.environ['AZURE_TENANT_ID']}/oauth2/v2.0/token",
        data={
            "client_id": os.environ["AZURE_CLIENT_ID"],
            "client_secret": os.environ["AZURE_CLIENT_SECRET"],
            "scope": "https://graph.microsoft.com/.default",
            "grant_type": "client_credentials",
        },
    )
    graph.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"


async def get(graph, url, **parameters):
    return (await graph.get(url, params=parameters or None)).raise_for_status().json()


async def pages(graph, page, entries, link):
    """The entries of a page and of all that follow it."""
    found = page[entries]
    while link in page:
        page = await get(graph, page[link])
        found, entries, link = found + page["value"], "value", "@odata.nextLink"
    return found


async def report(graph, url):
    whole = await get(graph, url, **{"$expand": "attendanceRecords"})
    whole["attendanceRecords"] = await pages(
        graph, whole, "attendanceRecords", "attendanceRecords@odata.nextLink"
    )
    whole.pop("attendanceRecords@odata.nextLink", None)
    return json.dumps(whole, separators=(",", ":")).encode()


def into_folder(folder):
    folder.mkdir(parents=True, exist_ok=True)

    async def write(name, body):
        unfinished = folder / f".{name}.tmp"
        unfinished.write_bytes(body)
        unfinished.rename(folder / name)

    return write


def into_bucket(bucket):
    import boto3

    s3 = boto3.client("s3")

    async def write(name, body):
        await asyncio.to_thread(s3.put_object, Bucket=bucket, Key=f"reports/{name}", Body=body)

    return write


async def main(path, to):
    write = into_bucket(to.removeprefix("s3://")) if to.startswith("s3://") else into_folder(Path(to))
    limit = asyncio.Semaphore(AT_A_TIME)
    async with httpx.AsyncClient(base_url=f"{os.environ['GRAPH_URL']}/v1.0/", timeout=60) as graph:

        async def keep(report_id):
            async with limit:
                await write(f"{report_id}.json", await report(graph, f"{path}/{report_id}"))

        await sign_in(graph)
        listed = await pages(graph, await get(graph, path), "value", "@odata.nextLink")
        async with asyncio.TaskGroup() as tasks:
            for entry in listed:
                tasks.create_task(keep(entry["id"]))


asyncio.run(main(*sys.argv[1:]))
