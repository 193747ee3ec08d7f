// Step Functions' glue:startJobRun.sync, as a state machine's task sees it: the run is the output or the cause.
//   node stepfunctions.mjs URL ACCOUNT FOLDER       Source: glue-behaviour.md 8.4.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  BatchStopJobRunCommand,
  CreateJobCommand,
  GetJobRunCommand,
  GetJobRunsCommand,
  GlueClient,
  StartJobRunCommand,
} from "@aws-sdk/client-glue";

const [url, account, folder] = process.argv.slice(2);
const glue = new GlueClient({
  endpoint: url,
  region: "us-east-1",
  credentials: { accessKeyId: account, secretAccessKey: "any" },
});
const ended = ["SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"];

async function job(name, script) {
  const location = `${folder}/${name}.py`;
  writeFileSync(location, script);
  const command = { Name: "pythonshell", ScriptLocation: location };
  await glue.send(new CreateJobCommand({ Name: name, Role: "any", Command: command }));
}

class TaskFailed extends Error {
  constructor(name, cause) {
    super(cause);
    this.name = name;
  }
}

// Times as a state machine has them: epoch milliseconds.
const toJson = (value) => JSON.parse(JSON.stringify(value, (_, each) => each), (key, each) =>
  key.endsWith("On") ? Date.parse(each) : each);

// onRunning stands for what happens to the state meanwhile: its own timeout, or the end of the execution.
async function sync(parameters, onRunning = async () => {}) {
  let id;
  try {
    id = (await glue.send(new StartJobRunCommand(parameters))).JobRunId;
  } catch (error) {
    throw new TaskFailed(`Glue.${error.name}`, error.message);
  }
  const deadline = Date.now() + 60_000;
  let noticed = false;
  for (;;) {
    const { JobRun: run } = await glue.send(new GetJobRunCommand({ JobName: parameters.JobName, RunId: id }));
    if (run.JobRunState === "SUCCEEDED") return { JobName: parameters.JobName, ...toJson(run) };
    if (ended.includes(run.JobRunState)) throw new TaskFailed("States.TaskFailed", JSON.stringify(toJson(run)));
    if (run.JobRunState === "RUNNING" && !noticed) {
      noticed = true;
      await onRunning(id);
    }
    assert.ok(Date.now() < deadline, `${id} is still ${run.JobRunState}`);
    await delay(50);
  }
}

async function failure(task) {
  try {
    await task;
  } catch (error) {
    assert.ok(error instanceof TaskFailed, error.stack);
    return error;
  }
  assert.fail("the task succeeded");
}

await job("sfn-good", "import sys\nassert '--day' in sys.argv\n");
await job("sfn-failing", "raise ValueError('not today')\n");
await job("sfn-endless", "import time\nwhile True: time.sleep(1)\n");

// The output is the whole run.
const output = await sync({ JobName: "sfn-good", Arguments: { "--day": "monday" } });
assert.equal(output.JobRunState, "SUCCEEDED");
assert.deepEqual(output.Arguments, { "--day": "monday" });
assert.match(output.Id, /^jr_[0-9a-f]{64}$/);
for (const member of ["StartedOn", "LastModifiedOn", "CompletedOn"]) {
  assert.ok(Number.isInteger(output[member]) && Math.abs(output[member] - Date.now()) < 120_000, `${member}: ${output[member]}`);
}
assert.ok(output.StartedOn <= output.CompletedOn);

// The cause of a failure is the run as JSON, with what state machines read of it.
const failed = await failure(sync({ JobName: "sfn-failing" }));
assert.equal(failed.name, "States.TaskFailed");
const cause = JSON.parse(failed.message);
for (const member of ["AllocatedCapacity", "Attempt", "CompletedOn", "ErrorMessage", "ExecutionTime", "GlueVersion",
  "Id", "JobName", "JobRunState", "LastModifiedOn", "LogGroupName", "MaxCapacity", "PredecessorRuns", "StartedOn",
  "Timeout"]) {
  // A python shell run may have no version (3.6.6).
  assert.ok(member in cause || member === "GlueVersion", `the cause lacks ${member}: ${failed.message}`);
}
assert.deepEqual([cause.JobName, cause.JobRunState, cause.Attempt], ["sfn-failing", "FAILED", 0]);
assert.equal(cause.ErrorMessage, "ValueError: not today");
assert.deepEqual(cause.PredecessorRuns, []);

// A state that is stopped stops its run; meanwhile a second task meets the limit, by the name its Retry lists.
const stopped = await failure(
  sync({ JobName: "sfn-endless" }, async (id) => {
    const refused = await failure(sync({ JobName: "sfn-endless" }));
    assert.equal(refused.name, "Glue.ConcurrentRunsExceededException");
    const { JobRuns: runs } = await glue.send(new GetJobRunsCommand({ JobName: "sfn-endless" }));
    assert.deepEqual(runs.map((run) => run.Id), [id]);
    const stop = await glue.send(new BatchStopJobRunCommand({ JobName: "sfn-endless", JobRunIds: [id] }));
    assert.deepEqual(stop.SuccessfulSubmissions.map((each) => each.JobRunId), [id]);
  }),
);
assert.equal(JSON.parse(stopped.message).JobRunState, "STOPPED");

assert.equal((await failure(sync({ JobName: "sfn-none" }))).name, "Glue.EntityNotFoundException");

console.log("all is well");
