"""Prefect's GlueJobBlock.

Source: glue-behaviour.md 8.3. It reads ErrorMessage without a default: a run that ended badly must have one.
"""

import aws
from aws import equal

ERROR_STATES = ["FAILED", "STOPPED", "ERROR", "TIMEOUT"]


class GlueJobRun:
    def __init__(self, client, job_name, job_id):
        self.client, self.job_name, self.job_id = client, job_name, job_id
        self.error_message = None

    def wait_for_completion(self):
        pause = aws.deadline("%s has ended" % self.job_id)
        while True:
            job = self.client.get_job_run(JobName=self.job_name, RunId=self.job_id)
            state = job["JobRun"]["JobRunState"]
            if state in ERROR_STATES:
                self.error_message = job["JobRun"]["ErrorMessage"]
                return state
            if state == "SUCCEEDED":
                return state
            pause(state)


def trigger(client, job_name, arguments):
    try:
        response = client.start_job_run(JobName=job_name, Arguments=arguments)
        return GlueJobRun(client, job_name, response["JobRunId"])
    except Exception as e:
        raise RuntimeError(e) from e


def job(name, script, **more):
    location = aws.script(name + ".py", script)
    glue.create_job(Name=name, Role="any", Command={"Name": "pythonshell", "ScriptLocation": location}, **more)


glue = aws.client("glue")
endless = "import time\nwhile True: time.sleep(1)\n"
job("prefect-good", "import sys\nassert 'monday' in sys.argv\n")
job("prefect-failing", "raise ValueError('not today')\n")
job("prefect-endless", endless)
job("prefect-missing", endless)
glue.update_job(
    JobName="prefect-missing",
    JobUpdate={"Role": "any", "Command": {"Name": "pythonshell", "ScriptLocation": aws.FOLDER + "/is-not-there.py"}},
)
job("prefect-slow", endless, Timeout=1)

# The one that takes a minute goes first, and is waited for last.
slow = trigger(glue, "prefect-slow", {})

run = trigger(glue, "prefect-good", {"--day": "monday"})
equal(run.wait_for_completion(), "SUCCEEDED", "state of a good run")
equal(run.error_message, None, "its error message")

run = trigger(glue, "prefect-failing", {})
equal(run.wait_for_completion(), "FAILED", "state of a failing run")
equal(run.error_message, "ValueError: not today", "its error message")

run = trigger(glue, "prefect-missing", {})
equal(run.wait_for_completion(), "FAILED", "state of a run without a script")
assert run.error_message, "it has an error message"

run = trigger(glue, "prefect-endless", {})
glue.batch_stop_job_run(JobName="prefect-endless", JobRunIds=[run.job_id])
equal(run.wait_for_completion(), "STOPPED", "state of a stopped run")
assert run.error_message, "it has an error message"

try:
    trigger(glue, "prefect-none", {})
    raise AssertionError("a start of no job did not fail")
except RuntimeError as e:
    assert "EntityNotFoundException" in str(e), e

aws.PATIENCE = 100
equal(slow.wait_for_completion(), "TIMEOUT", "state of a run that took too long")
assert slow.error_message, "it has an error message"

aws.well()
