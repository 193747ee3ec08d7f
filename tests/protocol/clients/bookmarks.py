"""boto3, unmodified, with the sample ingest-new-files: what a bookmark is good for, from the first run to a rewind.

    python3 bookmarks.py URL ACCOUNT SAMPLES FOLDER       (FOLDER is empty)

GetJobBookmarks is in no SDK, so it is asked for over plain HTTP.
"""

import json
import os
import shutil
import sys
import time
import urllib.request

import boto3
from botocore.config import Config

URL, ACCOUNT, SAMPLES, FOLDER = sys.argv[1:]
JOB = "ingest-new-files"
ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"}
INPUT, OUTPUT = os.path.join(FOLDER, "input"), os.path.join(FOLDER, "output")

glue = boto3.client(
    "glue",
    endpoint_url=URL,
    region_name="us-east-1",
    aws_access_key_id=ACCOUNT,
    aws_secret_access_key="any",
    config=Config(retries={"total_max_attempts": 1}),
)


def run(expected="SUCCEEDED", **arguments):
    """Runs the job; returns the run's id and the files whose rows it appended, in order."""
    before = ingested()
    arguments = {"--" + name.replace("bookmark_", "job-bookmark-"): value for name, value in arguments.items()}
    run_id = glue.start_job_run(JobName=JOB, Arguments=arguments)["JobRunId"]
    deadline = time.monotonic() + 60
    while True:
        found = glue.get_job_run(JobName=JOB, RunId=run_id)["JobRun"]
        if found["JobRunState"] in ENDED:
            break
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    assert found["JobRunState"] == expected, found
    rows = ingested()
    assert rows[: len(before)] == before
    return run_id, list(dict.fromkeys(rows[len(before) :]))


def ingested():
    path = os.path.join(OUTPUT, "orders.csv")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [line.split(",")[0] for line in file]


def add(name, at):
    """A file that arrives complete, modified at that second."""
    draft = os.path.join(FOLDER, "draft")
    with open(draft, "w", encoding="utf-8") as file:
        file.write("order,product,quantity\nB-1,lamp,1\nB-2,desk,2\n")
    os.utime(draft, (at, at))
    os.rename(draft, os.path.join(INPUT, name))


def not_found(call, text, **arguments):
    try:
        call(JobName=JOB, **arguments)
    except glue.exceptions.EntityNotFoundException as error:
        assert error.response["Error"]["Message"] == text, error
        return
    raise AssertionError("found")


def bookmarks(**more):
    request = urllib.request.Request(
        URL,
        json.dumps(dict(more, JobName=JOB)).encode(),
        {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSGlue.GetJobBookmarks",
            "Authorization": "AWS4-HMAC-SHA256 Credential=%s/20260101/us-east-1/glue/aws4_request" % ACCOUNT,
        },
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


not_found(glue.get_job_bookmark, "Job with name: %s not found." % JOB)
shutil.copytree(os.path.join(SAMPLES, JOB, "input"), INPUT)
for number, name in enumerate(("monday.csv", "tuesday.csv")):
    os.utime(os.path.join(INPUT, name), (1000 + number, 1000 + number))
with open(os.path.join(SAMPLES, JOB, "job.json"), encoding="utf-8") as file:
    job = json.loads(file.read().replace("{samples}", SAMPLES))
job["DefaultArguments"].update({"--input_dir": INPUT, "--output_dir": OUTPUT})
glue.create_job(**job)
nothing = "Continuation for job %s not found" % JOB
not_found(glue.get_job_bookmark, nothing)
not_found(glue.reset_job_bookmark, nothing)
assert bookmarks() == {"JobBookmarkEntries": [], "NextToken": 1}

# A run that fails after it has written moves nothing: the next one takes the files again.
assert run("FAILED", fail_before_commit="yes")[1] == ["monday.csv", "tuesday.csv"]
not_found(glue.get_job_bookmark, nothing)
first, files = run()
assert files == ["monday.csv", "tuesday.csv"], files
entry = glue.get_job_bookmark(JobName=JOB)["JobBookmarkEntry"]
assert (entry["JobName"], entry["Version"], entry["Run"], entry["Attempt"]) == (JOB, 1, 1, 0), entry
assert entry["RunId"] == first and "PreviousRunId" not in entry, entry
assert json.loads(entry["JobBookmark"])["files"][1] == ["tuesday.csv"], entry

# Nothing new, then one new file; then one with the very time of the last.
second, files = run()
assert files == [], files
add("wednesday.csv", 1002)
third, files = run()
assert files == ["wednesday.csv"], files
add("also-wednesday.csv", 1002)
fourth, files = run()
assert files == ["also-wednesday.csv"], files
add("thursday.csv", 1003)
assert run("FAILED", fail_before_commit="yes")[1] == ["thursday.csv"]
fifth, files = run()
assert files == ["thursday.csv"], files
entry = glue.get_job_bookmark(JobName=JOB)["JobBookmarkEntry"]
assert (entry["Version"], entry["Run"], entry["RunId"], entry["PreviousRunId"]) == (5, 5, fifth, fourth), entry
assert glue.get_job_bookmark(JobName=JOB, RunId=third)["JobBookmarkEntry"]["Version"] == 3

# Pause reads and never writes; a range is what came after one run, up to another.
add("friday.csv", 1004)
assert run(bookmark_option="job-bookmark-pause")[1] == ["friday.csv"]
assert run(bookmark_option="job-bookmark-pause")[1] == ["friday.csv"]
bounds = {"bookmark_option": "job-bookmark-pause", "bookmark_from": first, "bookmark_to": fourth}
assert run(**bounds)[1] == ["also-wednesday.csv", "wednesday.csv"]
assert run(bookmark_option="job-bookmark-disable")[1] == [
    "monday.csv",
    "tuesday.csv",
    "also-wednesday.csv",
    "wednesday.csv",
    "thursday.csv",
    "friday.csv",
]
unknown = {"--job-bookmark-option": "job-bookmark-pause"}
unknown.update({"--job-bookmark-from": first, "--job-bookmark-to": "jr_nobody"})
try:
    glue.start_job_run(JobName=JOB, Arguments=unknown)
    raise AssertionError("started")
except glue.exceptions.InvalidInputException as error:
    assert "jr_nobody" in str(error), error

# Rewind to a run, and to nothing.
rewound = glue.reset_job_bookmark(JobName=JOB, RunId=third)["JobBookmarkEntry"]
assert (rewound["Version"], rewound["RunId"]) == (6, third), rewound
assert run()[1] == ["also-wednesday.csv", "thursday.csv", "friday.csv"]
reset = glue.reset_job_bookmark(JobName=JOB)["JobBookmarkEntry"]
assert (reset["Version"], reset["Run"], reset["Attempt"], reset["JobBookmark"]) == (0, 0, 0, "{}"), reset
assert len(run()[1]) == 6

# The whole history, newest first, by an integer token that is 1 at the end.
token, versions = 0, []
while token != 1:
    page = bookmarks(MaxResults=4, NextToken=token)
    versions += [entry["Version"] for entry in page["JobBookmarkEntries"]]
    token = page["NextToken"]
assert versions == [1, 0, 7, 6, 5, 4, 3, 2, 1], versions

# With the job goes its bookmark.
glue.delete_job(JobName=JOB)
not_found(glue.get_job_bookmark, "Job with name: %s not found." % JOB)
glue.create_job(**job)
not_found(glue.get_job_bookmark, nothing)

print("all is well")
