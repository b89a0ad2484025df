"""Reports from Graph into S3, with Microsoft's Graph SDK and boto3, as in their examples."""

import asyncio
import os
from time import time

import boto3
import httpx
from azure.core.credentials import AccessToken
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_serialization_json.json_serialization_writer_factory import JsonSerializationWriterFactory
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.users.item.online_meetings.item.attendance_reports.item.meeting_attendance_report_item_request_builder import (  # noqa: E501
    MeetingAttendanceReportItemRequestBuilder as Report,
)

from runtime import serve

s3 = boto3.client("s3")


class Secret:
    """In place of azure-identity, which signs in at Microsoft only."""

    token = None

    def get_token(self, *scopes, **_):
        if self.token is None:
            answer = httpx.post(
                f"{os.environ['LOGIN_URL']}/{os.environ['AZURE_TENANT_ID']}/oauth2/v2.0/token",
                data={
                    "client_id": os.environ["AZURE_CLIENT_ID"],
                    "client_secret": os.environ["AZURE_CLIENT_SECRET"],
                    "scope": "https://graph.microsoft.com/.default",
                    "grant_type": "client_credentials",
                },
            )
            self.token = answer.raise_for_status().json()["access_token"]
        return AccessToken(self.token, int(time()) + 3600)


adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(Secret(), allowed_hosts=["localhost"]))
adapter.base_url = f"{os.environ['GRAPH_URL']}/v1.0"
graph = GraphServiceClient(request_adapter=adapter)
expanded = RequestConfiguration(
    query_parameters=Report.MeetingAttendanceReportItemRequestBuilderGetQueryParameters(expand=["attendanceRecords"])
)
loop = asyncio.new_event_loop()


async def report(path):
    _, organizer, _, meeting, _, report_id = path.split("/")
    reports = graph.users.by_user_id(organizer).online_meetings.by_online_meeting_id(meeting).attendance_reports
    builder = reports.by_meeting_attendance_report_id(report_id)
    whole = await builder.get(request_configuration=expanded)
    link = whole.additional_data.pop("attendanceRecords@odata.nextLink", None)
    while link:
        page = await builder.attendance_records.with_url(link).get()
        whole.attendance_records += page.value
        link = page.odata_next_link
    return whole


def handler(event):
    for job in event["jobs"]:
        writer = JsonSerializationWriterFactory().get_serialization_writer("application/json")
        writer.write_object_value(None, loop.run_until_complete(report(job["path"])))
        s3.put_object(
            Bucket=os.environ["ARCHIVE_BUCKET"],
            Key=job["key"],
            Body=writer.get_serialized_content(),
            ContentType="application/json",
        )
    return {}


serve(handler)
