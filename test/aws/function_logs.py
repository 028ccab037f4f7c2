"""Prints what the functions of a local deployment wrote to their logs: one line of JSON each, the function's log group first."""

import json
import sys

import botocore.session

url, access_key, secret_key, region = sys.argv[1:]
session = botocore.session.get_session()
session.set_credentials(access_key, secret_key)
logs = session.create_client("logs", region_name=region, endpoint_url=url)
for page in logs.get_paginator("describe_log_groups").paginate():
    for group in page["logGroups"]:
        name = group["logGroupName"]
        for events in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
            for event in events["events"]:
                print(json.dumps([name, event["message"]]))
