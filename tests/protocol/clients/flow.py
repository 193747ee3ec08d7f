"""boto3, unmodified, through everything a client does with jobs, their runs and what goes with them.

    python3 flow.py URL ACCOUNT FOLDER       (FOLDER has instant.py, failing.py and endless.py)

Uses no member that boto3 1.26 does not know.
"""

import datetime
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL, ACCOUNT, FOLDER = sys.argv[1:]
ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"}

glue = boto3.client(
    "glue",
    endpoint_url=URL,
    region_name="us-east-1",
    aws_access_key_id=ACCOUNT,
    aws_secret_access_key="any",
    # A repeated StartJobRun is a second run: what fails must be seen to fail.
    config=Config(retries={"total_max_attempts": 1}),
)


def create_job(name, script, **more):
    command = {"Name": "pythonshell", "ScriptLocation": FOLDER + "/" + script}
    created = glue.create_job(Name=name, Role="any", Command=command, **more)
    assert created["Name"] == name
    assert created["ResponseMetadata"]["RequestId"]


def start(job, **more):
    return glue.start_job_run(JobName=job, **more)["JobRunId"]


def run_in(job, run_id, states):
    """As every client waits: by asking again."""
    deadline = time.monotonic() + 60
    while True:
        run = glue.get_job_run(JobName=job, RunId=run_id, PredecessorsIncluded=True)["JobRun"]
        if run["JobRunState"] in states:
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.05)


def fails(exception, says, call, **arguments):
    try:
        call(**arguments)
    except exception as error:
        assert says in str(error), error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert says in error.response["Error"]["Message"]
        return error.response["Error"]["Code"]
    raise AssertionError("%s did not fail with %s" % (call.__name__, exception.__name__))


# Create, and read back.
create_job("py-instant", "instant.py", DefaultArguments={"--day": "monday"}, Tags={"team": "data"})
create_job("py-failing", "failing.py")
create_job("py-endless", "endless.py")
job = glue.get_job(JobName="py-instant")["Job"]
assert job["DefaultArguments"] == {"--day": "monday"}
age = datetime.datetime.now(datetime.timezone.utc) - job["CreatedOn"]
assert abs(age.total_seconds()) < 60, job["CreatedOn"]
pages = glue.get_paginator("get_jobs").paginate(PaginationConfig={"PageSize": 2})
names = [job["Name"] for page in pages for job in page["Jobs"]]
assert names == ["py-endless", "py-failing", "py-instant"], names
assert glue.list_jobs(Tags={"team": "data"})["JobNames"] == ["py-instant"]
found = glue.batch_get_jobs(JobNames=["py-failing", "none"])
assert (len(found["Jobs"]), found["JobsNotFound"]) == (1, ["none"])

# Tags, as Terraform reads and changes those of a job.
arn = "arn:aws:glue:us-east-1:%s:job/py-instant" % ACCOUNT
assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "data"}
glue.tag_resource(ResourceArn=arn, TagsToAdd={"team": "platform", "when": "night"})
glue.untag_resource(ResourceArn=arn, TagsToRemove=["when", "none"])
assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "platform"}
assert glue.list_jobs(Tags={"team": "platform"})["JobNames"] == ["py-instant"]
fails(glue.exceptions.EntityNotFoundException, arn + "x", glue.get_tags, ResourceArn=arn + "x")

# Security configurations: a run needs the one it names.
fails(
    glue.exceptions.EntityNotFoundException,
    "py-tight",
    glue.start_job_run,
    JobName="py-instant",
    SecurityConfiguration="py-tight",
)
encryption = {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]}
created = glue.create_security_configuration(Name="py-tight", EncryptionConfiguration=encryption)
tight = glue.get_security_configuration(Name="py-tight")["SecurityConfiguration"]
assert tight["EncryptionConfiguration"] == encryption
assert tight["CreatedTimeStamp"] == created["CreatedTimestamp"]
pages = glue.get_paginator("get_security_configurations").paginate(PaginationConfig={"PageSize": 1})
assert [each["Name"] for page in pages for each in page["SecurityConfigurations"]] == ["py-tight"]
secured = run_in("py-instant", start("py-instant", SecurityConfiguration="py-tight"), ENDED)
assert secured["SecurityConfiguration"] == "py-tight", secured
glue.delete_security_configuration(Name="py-tight")

# Run to the end, three times, and list.
ids = []
for day in "tuesday", "wednesday", "thursday":
    run_id = start("py-instant", Arguments={"--day": day})
    run = run_in("py-instant", run_id, ENDED)
    assert run["JobRunState"] == "SUCCEEDED", run
    assert run["Arguments"] == {"--day": day}
    assert run["StartedOn"] <= run["CompletedOn"]
    assert run["LogGroupName"] == "/aws-glue/python-jobs"
    ids.insert(0, run_id)
pages = glue.get_paginator("get_job_runs").paginate(JobName="py-instant", PaginationConfig={"PageSize": 1})
assert [run["Id"] for page in pages for run in page["JobRuns"]] == ids + [secured["Id"]]
failed = run_in("py-failing", start("py-failing"), ENDED)
assert (failed["JobRunState"], failed["ErrorMessage"]) == ("FAILED", "ValueError: not today"), failed

# One run at a time, and stopping it.
endless = start("py-endless")
run_in("py-endless", endless, {"RUNNING"})
fails(glue.exceptions.ConcurrentRunsExceededException, "py-endless", glue.start_job_run, JobName="py-endless")
stop = glue.batch_stop_job_run(JobName="py-endless", JobRunIds=[endless, "jr_unknown"])
assert [entry["JobRunId"] for entry in stop["SuccessfulSubmissions"]] == [endless]
assert stop["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
stopped = run_in("py-endless", endless, ENDED)
assert stopped["JobRunState"] == "STOPPED" and stopped["ErrorMessage"], stopped

# Errors are the classes of the model; what the model lacks is a ClientError with its code.
missing = glue.exceptions.EntityNotFoundException
fails(missing, "none not found", glue.get_job, JobName="none")
fails(missing, "missing metadata", glue.start_job_run, JobName="none")
fails(missing, "jr_unknown", glue.get_job_run, JobName="py-instant", RunId="jr_unknown")
fails(glue.exceptions.AlreadyExistsException, "py-failing", create_job, name="py-failing", script="failing.py")
fails(
    glue.exceptions.IdempotentParameterMismatchException,
    "py-failing",
    create_job,
    name="py-failing",
    script="instant.py",
)
fails(glue.exceptions.InvalidInputException, "NextToken", glue.get_jobs, NextToken="made up")
assert fails(ClientError, "201", glue.get_job_runs, JobName="py-instant", MaxResults=201) == "ValidationException"

# Update and delete.
command = {"Name": "pythonshell", "ScriptLocation": FOLDER + "/failing.py"}
glue.update_job(JobName="py-instant", JobUpdate={"Role": "any", "Command": command})
assert "DefaultArguments" not in glue.get_job(JobName="py-instant")["Job"]
for name in names + ["none"]:
    assert glue.delete_job(JobName=name)["JobName"] == name
assert glue.list_jobs()["JobNames"] == []

print("all is well")
