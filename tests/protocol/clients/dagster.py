"""Dagster's PipesGlueClient with its reader of messages from CloudWatch Logs.

Source: glue-behaviour.md 8.2. The methods bear the names that they have there.
"""

import base64
import json
import time
import zlib

from botocore.exceptions import ClientError

import aws
from aws import equal

ENDED = {"FAILED", "SUCCEEDED", "STOPPED", "TIMEOUT", "ERROR"}

# A script as dagster-pipes has it: it decodes its context, and reports by printing.
SCRIPT = """
import argparse, base64, json, zlib
parser = argparse.ArgumentParser()
for name in "dagster-pipes-context", "dagster-pipes-messages", "day":
    parser.add_argument("--" + name, required=True)
options, _ = parser.parse_known_args()
def decode(value):
    return json.loads(zlib.decompress(base64.b64decode(value)))
context = decode(options.dagster_pipes_context)
assert decode(options.dagster_pipes_messages) == {"stdio": "stdout"}
def message(method, **params):
    print(json.dumps({"__dagster_pipes_version": "0.1", "method": method, "params": params}))
message("opened")
print("not a message", options.day)
for i in range(3):
    message("report_asset_materialization", asset_key=context["asset"], metadata={"rows": i})
message("closed")
"""


def encode(value):
    return base64.b64encode(zlib.compress(json.dumps(value).encode())).decode()


class PipesGlueClient:
    def __init__(self):
        self._client = aws.client("glue")
        self._logs = aws.client("logs")
        self.log = []

    def run(self, params):
        bootstrap = {
            "--dagster-pipes-context": encode({"asset": "orders"}),
            "--dagster-pipes-messages": encode({"stdio": "stdout"}),
        }
        params["Arguments"] = {**params.get("Arguments", {}), **bootstrap}
        start_timestamp = int(time.time() * 1000)
        try:
            run_id = self._client.start_job_run(**params)["JobRunId"]
        except ClientError as err:
            self.log.append("%s: %s" % (err.response["Error"]["Code"], err.response["Error"]["Message"]))
            raise
        response = self._client.get_job_run(JobName=params["JobName"], RunId=run_id)
        log_group = response["JobRun"]["LogGroupName"]

        pause = aws.deadline("%s has ended" % run_id)
        while response["JobRun"]["JobRunState"] not in ENDED:
            pause(response["JobRun"]["JobRunState"])
            response = self._client.get_job_run(JobName=params["JobName"], RunId=run_id)
        messages = self.consume_cloudwatch_logs(log_group + "/output", run_id, start_timestamp)
        return run_id, response["JobRun"], messages

    def consume_cloudwatch_logs(self, log_group, log_stream, start_time):
        params = {"logGroupName": log_group, "logStreamName": log_stream, "startTime": start_time}
        lines = []
        response = self._logs.get_log_events(**params)
        while events := response.get("events"):
            lines += [event["message"] for event in events]
            params["nextToken"] = response["nextForwardToken"]
            response = self._logs.get_log_events(**params)
        messages = []
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                self.log.append(line)
                continue
            assert message["__dagster_pipes_version"] == "0.1", message
            messages.append(message)
        return messages


client = PipesGlueClient()
glue = aws.client("glue")
location = aws.script("dagster_pipes.py", SCRIPT)
glue.create_job(Name="dagster", Role="any", Command={"Name": "pythonshell", "ScriptLocation": location})

run_id, run, messages = client.run({"JobName": "dagster", "Arguments": {"--day": "monday"}, "Timeout": 5})
equal(run["JobRunState"], "SUCCEEDED", "state of the run (%s)" % run.get("ErrorMessage"))
equal(
    [message["method"] for message in messages],
    ["opened"] + ["report_asset_materialization"] * 3 + ["closed"],
    "the messages that were printed",
)
equal(messages[2]["params"], {"asset_key": "orders", "metadata": {"rows": 1}}, "a message")
assert "not a message monday\n" in client.log, client.log

# More lines than one answer holds: all of them from the head, once; and back again.
glue.update_job(
    JobName="dagster",
    JobUpdate={
        "Role": "any",
        "Command": {
            "Name": "pythonshell",
            "ScriptLocation": aws.script("dagster_much.py", "for i in range(25_000): print(i)\n"),
        },
    },
)
run_id = glue.start_job_run(JobName="dagster")["JobRunId"]
pause = aws.deadline("%s has ended" % run_id)
while (run := glue.get_job_run(JobName="dagster", RunId=run_id)["JobRun"])["JobRunState"] not in ENDED:
    pause(run["JobRunState"])
logs = aws.client("logs")
stream = {"logGroupName": run["LogGroupName"] + "/output", "logStreamName": run_id}
for first, token in ({"startFromHead": True}, "nextForwardToken"), ({}, "nextBackwardToken"):
    response, lines, last = logs.get_log_events(**stream, **first), [], None
    while response[token] != last:
        batch = [event["message"] for event in response["events"]]
        assert len(batch) <= 10_000, len(batch)
        lines = lines + batch if token == "nextForwardToken" else batch + lines
        last = response[token]
        response = logs.get_log_events(**stream, nextToken=last)
    equal(lines == ["%d\n" % i for i in range(25_000)], True, "all lines by %s, once (%d)" % (token, len(lines)))

# What cannot be started is said by code and message.
try:
    client.run({"JobName": "none"})
    raise AssertionError("a start of no job did not fail")
except ClientError:
    equal(
        client.log[-1],
        "EntityNotFoundException: Failed to start job run due to missing metadata",
        "what was logged of a failed start",
    )

aws.well()
