"""Lists, gets and expands a meeting's reports with Microsoft's own SDK.

Arguments: the root of Graph with its version, a token. Prints: id of the listed report, number of
expanded records, number of listed records, id of the report that was got.
"""

import asyncio
import sys

from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.users.item.online_meetings.item.attendance_reports.item.meeting_attendance_report_item_request_builder import (
    MeetingAttendanceReportItemRequestBuilder as Item,
)


class GivenToken(AuthenticationProvider):
    def __init__(self, token):
        self.token = token

    async def authenticate_request(self, request, additional_authentication_context=None):
        request.headers.try_add("Authorization", f"Bearer {self.token}")


async def main(root, token):
    adapter = GraphRequestAdapter(GivenToken(token))
    adapter.base_url = root
    meeting = (
        GraphServiceClient(request_adapter=adapter)
        .users.by_user_id("0a11ce00-0000-4000-8000-0000c0205050")
        .online_meetings.by_online_meeting_id("m-1")
    )
    listed = (await meeting.attendance_reports.get()).value[0]
    report = meeting.attendance_reports.by_meeting_attendance_report_id(listed.id)
    expand = Item.MeetingAttendanceReportItemRequestBuilderGetQueryParameters(expand=["attendanceRecords"])
    expanded = await report.get(RequestConfiguration(query_parameters=expand))
    records = await report.attendance_records.get()
    plain = await report.get()
    print(listed.id, len(expanded.attendance_records), len(records.value), plain.id)


asyncio.run(main(*sys.argv[1:]))
