// The AWS SDK for JavaScript, unmodified, through everything a client does with jobs and their runs.
//   node flow.mjs URL ACCOUNT FOLDER       (FOLDER has instant.py, failing.py and endless.py)
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import {
  AlreadyExistsException,
  BatchGetJobsCommand,
  BatchStopJobRunCommand,
  ConcurrentRunsExceededException,
  CreateJobCommand,
  DeleteJobCommand,
  EntityNotFoundException,
  GetJobCommand,
  GetJobRunCommand,
  GlueClient,
  IdempotentParameterMismatchException,
  InvalidInputException,
  ListJobsCommand,
  StartJobRunCommand,
  UpdateJobCommand,
  paginateGetJobRuns,
  paginateGetJobs,
} from "@aws-sdk/client-glue";

const [url, account, folder] = process.argv.slice(2);
const glue = new GlueClient({
  endpoint: url,
  region: "us-east-1",
  credentials: { accessKeyId: account, secretAccessKey: "any" },
  maxAttempts: 1,
});

async function createJob(name, script, more = {}) {
  const created = await glue.send(
    new CreateJobCommand({
      Name: name,
      Role: "any",
      Command: { Name: "pythonshell", ScriptLocation: `${folder}/${script}` },
      ...more,
    }),
  );
  assert.equal(created.Name, name);
}

async function start(job, more = {}) {
  return (await glue.send(new StartJobRunCommand({ JobName: job, ...more }))).JobRunId;
}

async function run(job, id) {
  return (await glue.send(new GetJobRunCommand({ JobName: job, RunId: id }))).JobRun;
}

// As every client waits: by asking again.
async function runIn(job, id, states) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const seen = await run(job, id);
    if (states.includes(seen.JobRunState)) return seen;
    assert.ok(Date.now() < deadline, `${id} is ${seen.JobRunState}, not one of ${states}: ${seen.ErrorMessage}`);
    await delay(50);
  }
}

const ended = ["SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"];

async function collect(paginator, member) {
  const all = [];
  for await (const page of paginator) all.push(...page[member]);
  return all;
}

async function fails(promise, type, message) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof type, `${error.name} (${error.message}) is no ${type.name}`);
    assert.match(error.message, message);
    assert.equal(error.$fault, "client");
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.ok(error.$metadata.requestId);
    return true;
  });
}

// Create, and read back.
await createJob("js-instant", "instant.py", { DefaultArguments: { "--day": "monday" }, Tags: { team: "data" } });
await createJob("js-failing", "failing.py");
await createJob("js-endless", "endless.py");
const job = (await glue.send(new GetJobCommand({ JobName: "js-instant" }))).Job;
assert.deepEqual(job.DefaultArguments, { "--day": "monday" });
assert.ok(job.CreatedOn instanceof Date && Math.abs(job.CreatedOn - Date.now()) < 60_000);
const names = (await collect(paginateGetJobs({ client: glue, pageSize: 2 }, {}), "Jobs")).map((each) => each.Name);
assert.deepEqual(names, ["js-endless", "js-failing", "js-instant"]);
const tagged = await glue.send(new ListJobsCommand({ Tags: { team: "data" } }));
assert.deepEqual(tagged.JobNames, ["js-instant"]);
const found = await glue.send(new BatchGetJobsCommand({ JobNames: ["js-failing", "none"] }));
assert.deepEqual([found.Jobs.length, found.JobsNotFound], [1, ["none"]]);

// Run to the end, three times, and list.
const ids = [];
for (const day of ["tuesday", "wednesday", "thursday"]) {
  const id = await start("js-instant", { Arguments: { "--day": day } });
  const last = await runIn("js-instant", id, ended);
  assert.equal(last.JobRunState, "SUCCEEDED", last.ErrorMessage);
  assert.deepEqual(last.Arguments, { "--day": day });
  assert.ok(last.StartedOn instanceof Date && last.CompletedOn >= last.StartedOn);
  ids.unshift(id);
}
const runs = await collect(paginateGetJobRuns({ client: glue, pageSize: 1 }, { JobName: "js-instant" }), "JobRuns");
assert.deepEqual(
  runs.map((each) => each.Id),
  ids,
);

const failed = await runIn("js-failing", await start("js-failing"), ended);
assert.deepEqual([failed.JobRunState, failed.ErrorMessage], ["FAILED", "ValueError: not today"]);

// One run at a time, and stopping it.
const endless = await start("js-endless");
await runIn("js-endless", endless, ["RUNNING"]);
await fails(start("js-endless"), ConcurrentRunsExceededException, /js-endless/);
const stop = await glue.send(
  new BatchStopJobRunCommand({ JobName: "js-endless", JobRunIds: [endless, "jr_unknown"] }),
);
assert.deepEqual(
  stop.SuccessfulSubmissions.map((each) => each.JobRunId),
  [endless],
);
assert.equal(stop.Errors[0].ErrorDetail.ErrorCode, "EntityNotFoundException");
assert.equal((await runIn("js-endless", endless, ended)).JobRunState, "STOPPED");

// Errors are the classes of the model.
await fails(glue.send(new GetJobCommand({ JobName: "none" })), EntityNotFoundException, /none not found/);
await fails(start("none"), EntityNotFoundException, /missing metadata/);
await fails(run("js-instant", "jr_unknown"), EntityNotFoundException, /jr_unknown/);
await fails(createJob("js-failing", "failing.py"), AlreadyExistsException, /js-failing/);
await fails(createJob("js-failing", "instant.py"), IdempotentParameterMismatchException, /js-failing/);
await fails(createJob("js-bad", "instant.py", { MaxRetries: 11 }), InvalidInputException, /MaxRetries/);
await assert.rejects(createJob("n".repeat(256), "instant.py"), { name: "ValidationException" });

// Update and delete.
await glue.send(
  new UpdateJobCommand({
    JobName: "js-instant",
    JobUpdate: { Role: "any", Command: { Name: "pythonshell", ScriptLocation: `${folder}/failing.py` } },
  }),
);
const updated = (await glue.send(new GetJobCommand({ JobName: "js-instant" }))).Job;
assert.equal(updated.DefaultArguments, undefined);
for (const name of names) await glue.send(new DeleteJobCommand({ JobName: name }));
assert.deepEqual((await glue.send(new ListJobsCommand({}))).JobNames, []);

console.log("all is well");
