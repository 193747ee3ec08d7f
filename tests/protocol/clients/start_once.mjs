// The AWS SDK for JavaScript calls StartJobRun once, with its own retries, and prints the id it got.
//   node start_once.mjs URL ACCOUNT JOB
import { GlueClient, StartJobRunCommand } from "@aws-sdk/client-glue";

const [url, account, job] = process.argv.slice(2);
const glue = new GlueClient({
  endpoint: url,
  region: "us-east-1",
  credentials: { accessKeyId: account, secretAccessKey: "any" },
  // Enough tries, with its own pauses, for a node to be started again meanwhile.
  maxAttempts: 10,
});
console.log((await glue.send(new StartJobRunCommand({ JobName: job, Arguments: { "--day": "monday" } }))).JobRunId);
