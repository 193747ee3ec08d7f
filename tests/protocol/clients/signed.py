"""boto3 with access keys: what is right is answered, and each thing that is wrong has its own code.

    python3 signed.py URL REGION ACCOUNT ID SECRET READER_ID READER_SECRET
"""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL, REGION, ACCOUNT, ID, SECRET, READER_ID, READER_SECRET = sys.argv[1:]


def client(service="glue", key=ID, secret=SECRET, region=REGION, token=None):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def fails(code, says, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert says in error.response["Error"]["Message"], error
        return
    raise AssertionError("did not fail with %s" % code)


job = dict(Name="größe", Role="any", Command={"Name": "pythonshell", "ScriptLocation": "/there/is/none.py"})
assert client().create_job(**job)["Name"] == "größe"
assert client().list_jobs()["JobNames"] == ["größe"]
assert client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::%s:user/ann" % ACCOUNT
assert client("iam").get_role(RoleName="any")["Role"]["Arn"] == "arn:aws:iam::%s:role/any" % ACCOUNT
events = dict(logGroupName="/aws-glue/python-jobs/output", logStreamNames=["jr_0"])
fails("ResourceNotFoundException", "does not exist", client("logs").filter_log_events, **events)

invalid = "InvalidSignatureException"
fails(invalid, "does not match the signature you provided", client(secret="not the secret").list_jobs)
fails("UnrecognizedClientException", "security token", client(key="AKIANOBODYS7EXAMPLE").list_jobs)
fails("UnrecognizedClientException", "security token", client(token="none is issued").list_jobs)
fails(invalid, "valid region, not 'eu-east-2'", client(region="eu-east-2").list_jobs)
fails("InvalidClientTokenId", "security token", client("sts", key="AKIANOBODYS7EXAMPLE").get_caller_identity)
fails("SignatureDoesNotMatch", "does not match", client("sts", secret="not the secret").get_caller_identity)

reader = client(key=READER_ID, secret=READER_SECRET)
assert reader.get_job(JobName="größe")["Job"]["Name"] == "größe"
fails(
    "AccessDeniedException",
    "User: arn:aws:iam::%s:user/%s is not authorized to perform: glue:StartJobRun on resource: "
    "arn:aws:glue:%s:%s:job/größe" % (ACCOUNT, READER_ID, REGION, ACCOUNT),
    reader.start_job_run,
    JobName="größe",
)
print("all is well")
