"""A minimal Lambda runtime for a Python function: events in, responses out. Lighter than Lambda's own."""

import json
import os
import urllib.request


def serve(handler):
    api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
    while True:
        with urllib.request.urlopen(f"{api}/next") as event:
            request_id = event.headers["lambda-runtime-aws-request-id"]
            answer = handler(json.load(event))
        urllib.request.urlopen(f"{api}/{request_id}/response", data=json.dumps(answer).encode()).close()
