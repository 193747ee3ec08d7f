"""Airflow's GlueJobHook and GlueJobOperator: the same calls, in the same order, reading the same members.

Source: glue-behaviour.md 8.1. The methods bear the names that they have there.
"""

import uuid

from botocore.exceptions import ClientError

import aws
from aws import equal

ENDED_WELL = {"SUCCEEDED", "STOPPED"}
ENDED_BADLY = {"FAILED", "TIMEOUT"}
# The waiter job_complete.
WAITER = {
    "success": {"SUCCEEDED"},
    "failure": {"STOPPED", "FAILED", "ERROR", "TIMEOUT"},
    "retry": {"STARTING", "RUNNING", "STOPPING"},
}


class GlueJobHook:
    def __init__(self, job_name, script_location, command, concurrent_run_limit=1, role="glue-role"):
        self.conn = aws.client("glue")
        self.logs = aws.client("logs")
        self.iam = aws.client("iam")
        self.job_name = job_name
        self.script_location = script_location
        self.command = command
        self.concurrent_run_limit = concurrent_run_limit
        self.role = role
        self.calls = []
        self.conn.meta.events.register("before-call.glue", lambda model, **_: self.calls.append(model.name))

    def create_glue_job_config(self):
        role_arn = self.iam.get_role(RoleName=self.role)["Role"]["Arn"]
        equal(role_arn, "arn:aws:iam::%s:role/%s" % (aws.ACCOUNT, self.role), "GetRole's Arn")
        command = {"Name": self.command, "ScriptLocation": self.script_location}
        return {
            "Name": self.job_name,
            "Description": "AWS Glue Job with Airflow",
            "LogUri": "s3://airflow-logs/logs/glue-logs/" + self.job_name,
            "Role": role_arn,
            "ExecutionProperty": {"MaxConcurrentRuns": self.concurrent_run_limit},
            "Command": command,
            "MaxRetries": 0,
            # Its default number of DPUs, an integer, and no worker type.
            "MaxCapacity": 10 if self.command == "glueetl" else 1,
        }

    def has_job(self):
        try:
            self.conn.get_job(JobName=self.job_name)
            return True
        except ClientError as e:
            if e.response["Error"]["Code"] == "EntityNotFoundException":
                return False
            raise

    def create_or_update_glue_job(self, update_config):
        config = self.create_glue_job_config()
        if self.has_job():
            if update_config:
                self.update_job(config)
        else:
            self.conn.create_job(**config)

    def update_job(self, config):
        name = config.pop("Name")
        current = self.conn.get_job(JobName=name)["Job"]
        changed = {key: value for key, value in config.items() if current[key] != value}
        if changed:
            self.conn.update_job(JobName=name, JobUpdate=config)
        return changed

    def initialize_job(self, arguments, run_kwargs=None):
        return self.conn.start_job_run(JobName=self.job_name, Arguments=arguments, **(run_kwargs or {}))["JobRunId"]

    def get_job_state(self, run_id):
        run = self.conn.get_job_run(JobName=self.job_name, RunId=run_id, PredecessorsIncluded=True)
        return run["JobRun"]["JobRunState"]

    def print_job_logs(self, run_id, tokens):
        """Returns what is new in both logs. Only a stream that is not there yet is forgiven."""
        paginator = self.logs.get_paginator("filter_log_events")
        run = self.conn.get_job_run(JobName=self.job_name, RunId=run_id)["JobRun"]
        prefix = run["LogGroupName"]
        started = int(run["StartedOn"].timestamp() * 1000)
        new = {}
        for suffix in "output", "error":
            fetched = []
            try:
                for response in paginator.paginate(
                    logGroupName="%s/%s" % (prefix, suffix),
                    logStreamNames=[run_id],
                    startTime=started,
                    PaginationConfig={"StartingToken": tokens.get(suffix)},
                ):
                    fetched.extend(event["message"] for event in response["events"])
                    # If the response is empty there is no nextToken in it.
                    tokens[suffix] = response.get("nextToken") or tokens.get(suffix)
            except ClientError as e:
                if e.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
            new[suffix] = fetched
        return new

    def job_completion(self, run_id, verbose):
        tokens, printed = {}, {"output": [], "error": []}
        pause = aws.deadline("%s has ended" % run_id)
        while True:
            state = self.get_job_state(run_id)
            if verbose:
                for suffix, lines in self.print_job_logs(run_id, tokens).items():
                    printed[suffix] += lines
            if state in ENDED_WELL | ENDED_BADLY:
                return state, printed
            pause(state)

    def find_job_run_id(self, task_uuid):
        """What newer versions do after a crash: they look for their own mark, the newest run first."""
        for page in self.conn.get_paginator("get_job_runs").paginate(JobName=self.job_name):
            for run in page["JobRuns"]:
                if run.get("Arguments", {}).get("--airflow_task_uuid") == task_uuid:
                    return run["Id"], run["JobRunState"]
        return None


def waits(hook, run_id):
    """The deferrable operator's waiter: it must end, and never at a state that it does not know."""
    pause = aws.deadline("the waiter has ended")
    while True:
        state = hook.get_job_state(run_id)
        for verdict in "success", "failure":
            if state in WAITER[verdict]:
                return verdict
        assert state in WAITER["retry"], "the waiter does not know the state %s" % state
        pause(state)


# First run of the task: no such job, so it is created, with Airflow's defaults.
lines = aws.script(
    "airflow_lines.py",
    "import sys, time\n"
    "for i in range(20):\n"
    "    print('line', i)\n"
    "    print('log', i, file=sys.stderr)\n"
    "    time.sleep(0.02)\n",
)
hook = GlueJobHook("airflow", lines, "pythonshell", concurrent_run_limit=5)
hook.create_or_update_glue_job(update_config=True)
equal(hook.calls, ["GetJob", "CreateJob"], "calls of the first round")

# Second run: every member that was sent is compared with what GetJob returns, and nothing may differ.
hook.calls.clear()
hook.create_or_update_glue_job(update_config=True)
equal(hook.calls, ["GetJob", "GetJob"], "calls of the second round: an UpdateJob means that GetJob changed what was sent")
etl = GlueJobHook("airflow-etl", lines, "glueetl")
etl.create_or_update_glue_job(update_config=True)
equal(etl.update_job(etl.create_glue_job_config()), {}, "what differs of a Spark job with MaxCapacity 10")

# And a change is made once.
hook.concurrent_run_limit = 6
changed = hook.update_job(hook.create_glue_job_config())
equal(changed, {"ExecutionProperty": {"MaxConcurrentRuns": 6}}, "what differs after a change")
equal(hook.update_job(hook.create_glue_job_config()), {}, "what differs after the UpdateJob")

# A verbose run: each line of both logs once, in order, although it is read while it grows.
run_id = hook.initialize_job({"--day": "monday"})
hook.print_job_logs(run_id, {})
state, printed = hook.job_completion(run_id, verbose=True)
equal(state, "SUCCEEDED", "state of the run")
equal(printed["output"], ["line %d\n" % i for i in range(20)], "what was read of /output")
equal(printed["error"], ["log %d\n" % i for i in range(20)], "what was read of /error")
equal(waits(hook, run_id), "success", "the waiter's verdict")

# A stream that does not exist is the one error that is forgiven.
try:
    hook.logs.filter_log_events(logGroupName="/aws-glue/jobs/output", logStreamNames=["jr_none"])
    raise AssertionError("FilterLogEvents of an unknown stream did not fail")
except hook.logs.exceptions.ResourceNotFoundException as e:
    equal(e.response["Error"]["Code"], "ResourceNotFoundException", "error of an unknown stream")

# on_kill, for a task that waits with the waiter.
hook.script_location = aws.script("airflow_endless.py", "import time\nwhile True: time.sleep(1)\n")
hook.create_or_update_glue_job(update_config=True)
mark = str(uuid.uuid4())
endless = hook.initialize_job({"--airflow_task_uuid": mark})
others = [hook.initialize_job({"--airflow_task_uuid": str(uuid.uuid4())}) for _ in range(2)]

# The worker dies; the task's next try finds its run again, and it is alive.
found = hook.find_job_run_id(mark)
equal(found and found[0], endless, "the run found by its mark")
assert found[1] in {"RUNNING", "STARTING", "WAITING", "STOPPING"}, found
equal(hook.find_job_run_id(str(uuid.uuid4())), None, "the run of a mark that no run has")

response = hook.conn.batch_stop_job_run(JobName=hook.job_name, JobRunIds=[endless] + others)
equal(len(response["SuccessfulSubmissions"]), 3, "runs stopped")
assert not response["Errors"], response["Errors"]
equal(waits(hook, endless), "failure", "the waiter's verdict of a stopped run")
equal(hook.job_completion(endless, verbose=False)[0], "STOPPED", "state after on_kill")

# Airflow's connection test.
equal(aws.client("sts").get_caller_identity()["Account"], aws.ACCOUNT, "GetCallerIdentity's Account")

aws.well()
