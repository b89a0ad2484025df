"""Lists, gets and expands a meeting's reports, and reads what it and two events are called, with Microsoft's own SDK.

Arguments: the root of Graph with its version, a token. Prints: id of the listed report, number of
expanded records, number of listed records, id of the report that was got. Then a line each: the meeting's subject and
its organizer's user principal name; the webinar's title, its first registration's address and its session's subject in
the list; the town hall's title and its organizer's id.
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
    client = GraphServiceClient(request_adapter=adapter)
    user = client.users.by_user_id("0a11ce00-0000-4000-8000-0000c0205050")
    meeting = user.online_meetings.by_online_meeting_id("m-1")
    listed = (await meeting.attendance_reports.get()).value[0]
    report = meeting.attendance_reports.by_meeting_attendance_report_id(listed.id)
    expand = Item.MeetingAttendanceReportItemRequestBuilderGetQueryParameters(expand=["attendanceRecords"])
    expanded = await report.get(RequestConfiguration(query_parameters=expand))
    records = await report.attendance_records.get()
    plain = await report.get()
    print(listed.id, len(expanded.attendance_records), len(records.value), plain.id)
    what = await meeting.get()
    print(what.subject, what.participants.organizer.upn, sep=" | ")
    events = client.solutions.virtual_events
    webinar = events.webinars.by_virtual_event_webinar_id("w-1@contoso")
    registration = (await webinar.registrations.get()).value[0]
    again = await webinar.registrations.by_virtual_event_registration_id(registration.id).get()
    session = (await webinar.sessions.get()).value[0]
    print((await webinar.get()).display_name, again.email, session.subject, sep=" | ")
    townhall = await events.townhalls.by_virtual_event_townhall_id("h-1@contoso").get()
    print(townhall.display_name, townhall.created_by.user.id, sep=" | ")


asyncio.run(main(*sys.argv[1:]))
