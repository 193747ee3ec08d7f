"""Terraform's resource aws_glue_job: what it calls to create, read, update and delete, and what it pins.

Source: glue-behaviour.md 8.5. The functions bear the names that they have there. Its SDK is Go's; what it sends is the
same. `terraform.py URL ACCOUNT FOLDER tags` also reads and changes tags.
"""

import sys

from botocore.exceptions import ClientError

import aws
from aws import equal

glue = aws.client("glue")
identity = aws.client("sts").get_caller_identity()
equal(identity["Account"], aws.ACCOUNT, "GetCallerIdentity's Account")
equal(identity["Arn"].split(":")[:3], ["arn", "aws", "iam"], "GetCallerIdentity's Arn")


def arn(name):
    return "arn:aws:glue:us-east-1:%s:job/%s" % (identity["Account"], name)


def set_of(config):
    """What an update or a creation sends: MaxCapacity only when there is no number of workers."""
    sent = {key: value for key, value in config.items() if key not in ("Name", "Tags")}
    if "NumberOfWorkers" in sent:
        sent.pop("MaxCapacity", None)
    return sent


def create(config):
    return glue.create_job(Name=config["Name"], Tags=config.get("Tags", {}), **set_of(config))["Name"]


def read(name):
    """The state, or None for what is gone and has to be created again."""
    try:
        job = glue.get_job(JobName=name)["Job"]
    except ClientError as e:
        if e.response["Error"]["Code"] == "EntityNotFoundException":
            return None
        raise
    return {
        "name": job["Name"],
        "role": job["Role"],
        "command": job["Command"],
        "default_arguments": job.get("DefaultArguments"),
        "execution_class": job.get("ExecutionClass", ""),
        "execution_property": job.get("ExecutionProperty", {}).get("MaxConcurrentRuns"),
        "glue_version": job.get("GlueVersion"),
        "max_capacity": job.get("MaxCapacity"),
        "max_retries": job.get("MaxRetries", 0),
        "number_of_workers": job.get("NumberOfWorkers", 0),
        "timeout": job.get("Timeout", 0),
        "worker_type": job.get("WorkerType", ""),
    }


def update(config):
    assert {"Command", "Role"} <= set(config), config
    glue.update_job(JobName=config["Name"], JobUpdate=set_of(config))


def resource(name, **config):
    return {"Name": name, "Role": "arn:aws:iam::%s:role/glue" % aws.ACCOUNT, **config}


def jobs():
    equal(read("tf"), None, "a job that is not there")
    config = resource("tf", Command={"Name": "glueetl", "ScriptLocation": "testscriptlocation"})
    equal(create(config), "tf", "CreateJob's Name")
    state = read("tf")
    equal(state["timeout"], 2880, "timeout of the minimal job")
    equal(state["execution_class"], "", "execution_class of the minimal job")
    equal(state["max_retries"], 0, "max_retries of the minimal job")
    equal(state["command"]["ScriptLocation"], "testscriptlocation", "script_location")
    equal(read("tf"), state, "a plan right after the creation")

    # Each of its updates is read back as sent, and a second plan finds no difference.
    for change, member, expected in (
        ({"DefaultArguments": {}}, "default_arguments", {}),
        ({"DefaultArguments": {"--job-language": "scala"}}, "default_arguments", {"--job-language": "scala"}),
        ({"ExecutionProperty": {"MaxConcurrentRuns": 2}}, "execution_property", 2),
        ({"MaxRetries": 10}, "max_retries", 10),
        ({"MaxRetries": 0}, "max_retries", 0),
        ({"Timeout": 10}, "timeout", 10),
        ({"GlueVersion": "2.0"}, "glue_version", "2.0"),
        ({"MaxCapacity": 10.0}, "max_capacity", 10.0),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 2}, "number_of_workers", 2),
        ({"WorkerType": "G.2X", "NumberOfWorkers": 3}, "worker_type", "G.2X"),
        ({"ExecutionClass": "STANDARD", "GlueVersion": "3.0"}, "execution_class", "STANDARD"),
        ({"ExecutionClass": "FLEX"}, "execution_class", "FLEX"),
    ):
        config.update(change)
        # Computed, and sent back with the next update unless there are workers.
        config.setdefault("MaxCapacity", read("tf")["max_capacity"])
        update(config)
        equal(read("tf")[member], expected, "%s after %s" % (member, change))

    streaming = resource("tf-streaming", Command={"Name": "gluestreaming", "ScriptLocation": "testscriptlocation"})
    create(streaming)
    equal(read("tf-streaming")["timeout"], 0, "timeout of the minimal streaming job")
    shell = resource("tf-shell", Command={"Name": "pythonshell", "ScriptLocation": "testscriptlocation"})
    create(shell)
    equal(read("tf-shell")["max_capacity"], 0.0625, "max_capacity of the minimal python shell job")

    for name in "tf", "tf-streaming", "tf-shell":
        glue.delete_job(JobName=name)
        equal(read(name), None, "a deleted job")
    glue.delete_job(JobName="tf")


def tags():
    def listed():
        return glue.get_tags(ResourceArn=arn("tf-tagged"))["Tags"]

    command = {"Name": "pythonshell", "ScriptLocation": "testscriptlocation"}
    create(resource("tf-tagged", Command=command, Tags={"key1": "value1"}))
    equal(listed(), {"key1": "value1"}, "tags as created")
    # It removes what is gone or has changed, and then adds.
    glue.untag_resource(ResourceArn=arn("tf-tagged"), TagsToRemove=["key1"])
    glue.tag_resource(ResourceArn=arn("tf-tagged"), TagsToAdd={"key1": "value1updated", "key2": "value2"})
    equal(listed(), {"key1": "value1updated", "key2": "value2"}, "tags after an update")
    glue.untag_resource(ResourceArn=arn("tf-tagged"), TagsToRemove=["key1", "key2"])
    equal(listed(), {}, "tags after their removal")
    glue.delete_job(JobName="tf-tagged")


tags() if sys.argv[4:] == ["tags"] else jobs()
aws.well()
