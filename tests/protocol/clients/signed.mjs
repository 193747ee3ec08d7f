// The AWS SDK for JavaScript with an access key, and with what is wrong about one.
//   node signed.mjs URL REGION ID SECRET
import assert from "node:assert/strict";
import { CreateJobCommand, DeleteJobCommand, GlueClient, ListJobsCommand } from "@aws-sdk/client-glue";

const [url, region, id, secret] = process.argv.slice(2);

function client(more = {}, key = {}) {
  const credentials = { accessKeyId: id, secretAccessKey: secret, ...key };
  return new GlueClient({ endpoint: url, region, credentials, maxAttempts: 1, ...more });
}

async function fails(name, glue) {
  await assert.rejects(glue.send(new ListJobsCommand({})), (error) => {
    assert.equal(error.name, name, error);
    assert.equal(error.$metadata.httpStatusCode, 400);
    return true;
  });
}

const job = { Name: "js ☃", Role: "any", Command: { Name: "pythonshell", ScriptLocation: "/there/is/none.py" } };
assert.equal((await client().send(new CreateJobCommand(job))).Name, job.Name);
await client().send(new DeleteJobCommand({ JobName: job.Name }));
await client().send(new ListJobsCommand({ Tags: { a: "b" } }));
await fails("InvalidSignatureException", client({}, { secretAccessKey: "not the secret" }));
await fails("UnrecognizedClientException", client({}, { accessKeyId: "AKIANOBODYS7EXAMPLE" }));
await fails("UnrecognizedClientException", client({}, { sessionToken: "none is issued" }));
await fails("InvalidSignatureException", client({ region: "eu-east-2" }));
console.log("all is well");
