"""What the client programs share: clients of one endpoint, and waiting as every client waits, by asking again.

    python3 PROGRAM.py URL ACCOUNT FOLDER       (FOLDER is where scripts of jobs are written)
"""

import os
import sys
import time

import boto3
from botocore.config import Config

URL, ACCOUNT, FOLDER = sys.argv[1:4]

# The clients that are replayed pause for seconds between two questions.
PAUSE = 0.05
PATIENCE = 60


def client(service, **config):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name="us-east-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="any",
        config=Config(**config) if config else None,
    )


def script(name, text):
    path = os.path.join(FOLDER, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def deadline(what):
    """To be called before each repetition: raises when it has taken too long, and else pauses."""
    end = time.monotonic() + PATIENCE

    def pause(seen):
        if time.monotonic() > end:
            raise AssertionError("expected within %d s: %s; last seen: %s" % (PATIENCE, what, seen))
        time.sleep(PAUSE)

    return pause


def equal(actual, expected, what):
    if actual != expected:
        raise AssertionError("%s: expected %r, got %r" % (what, expected, actual))


def well():
    print("all is well")
