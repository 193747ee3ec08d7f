"""boto3 calls StartJobRun once, with its own retries, and prints the id it got.

    python3 start_once.py URL ACCOUNT JOB
"""

import sys

import boto3
from botocore.config import Config

url, account, job = sys.argv[1:]
glue = boto3.client(
    "glue",
    endpoint_url=url,
    region_name="us-east-1",
    aws_access_key_id=account,
    aws_secret_access_key="any",
    # Enough tries, with the mode's own pauses, for a node to be started again meanwhile.
    config=Config(retries={"mode": "standard", "total_max_attempts": 10}, connect_timeout=5, read_timeout=60),
)
print(glue.start_job_run(JobName=job, Arguments={"--day": "monday"})["JobRunId"])
