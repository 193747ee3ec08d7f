using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Readme;

/// <summary>README.md's table of operations: what each answered here, on the wire, when it was asked well and when badly.</summary>
public sealed class The_operation_table(SharedServer shared)
{
    private const string Begin = "<!-- operations: written by the protocol suite, UPDATE_DOCS=1 tests/run protocol -->";
    private const string End = "<!-- /operations -->";

    private static readonly string Readme = Path.Combine(Places.Repository, "README.md");

    private readonly SortedDictionary<string, SortedSet<string>> _errors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _served = new(StringComparer.Ordinal);

    [Fact]
    public async Task Is_what_the_server_answers()
    {
        await AskEachOperation();

        Assert.Equal(Operations().Order(StringComparer.Ordinal), _served.Order(StringComparer.Ordinal));
        var text = await File.ReadAllTextAsync(Readme);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(from >= 0 && to > from, $"README.md has no place for the table: {Begin} … {End}.");
        var written = text[..(from + Begin.Length)] + "\n\n" + Table() + "\n" + text[to..];
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(Readme, written);
        else
            Assert.True(written == text, "README.md's table is stale: UPDATE_DOCS=1 tests/run protocol writes it.");
    }

    private async Task AskEachOperation()
    {
        var user = shared.NewAccount();
        var script = user.NewPath();
        await File.WriteAllTextAsync(script, "pass\n");
        var arn = $"arn:aws:glue:us-east-1:{user.Account}:job/table";
        object command = new { Name = "pythonshell", ScriptLocation = script };
        object profile = new { JobConfiguration = new { timeout = new { MaxValue = "60" } } };

        await Well(
            "CreateJob",
            new
            {
                Name = "table",
                Role = "any",
                Command = command,
            }
        );
        await Badly(
            "CreateJob",
            new
            {
                Name = "table",
                Role = "any",
                Command = command,
            }
        );
        await Badly(
            "CreateJob",
            new
            {
                Name = "table",
                Role = "other",
                Command = command,
            }
        );
        await Badly(
            "CreateJob",
            new
            {
                Name = "x",
                Role = "any",
                Command = new { Name = "glue" },
            }
        );
        await Well("UpdateJob", new { JobName = "table", JobUpdate = new { Role = "any", Command = command } });
        await Badly("UpdateJob", new { JobName = "none", JobUpdate = new { Role = "any", Command = command } });
        await Badly(
            "UpdateJob",
            new { JobName = "table", JobUpdate = new { Role = "any", Command = new { Name = "x" } } }
        );
        await Well("GetJob", new { JobName = "table" });
        await Badly("GetJob", new { JobName = "none" });
        await Well("GetJobs", new { });
        await Badly("GetJobs", new { NextToken = "none" });
        await Well("ListJobs", new { });
        await Badly("ListJobs", new { NextToken = "none" });
        await Well("BatchGetJobs", new { JobNames = new[] { "table" } });
        await Well("TagResource", new { ResourceArn = arn, TagsToAdd = new { team = "a" } });
        await Well("GetTags", new { ResourceArn = arn });
        await Well("UntagResource", new { ResourceArn = arn, TagsToRemove = new[] { "team" } });
        foreach (var (bad, why) in new[] { (arn + "less", "missing"), ("arn:aws:glue:us-east-1:0:table/t", "kind") })
        {
            Assert.NotEmpty(why);
            await Badly("TagResource", new { ResourceArn = bad, TagsToAdd = new { team = "a" } });
            await Badly("GetTags", new { ResourceArn = bad });
            await Badly("UntagResource", new { ResourceArn = bad, TagsToRemove = new[] { "team" } });
        }

        var run = (string?)(await Well("StartJobRun", new { JobName = "table" }))["JobRunId"];
        await Badly("StartJobRun", new { JobName = "none" });
        await Badly("StartJobRun", new { JobName = "table", Timeout = 100_000 });
        await user.Call(
            "CreateJob",
            new
            {
                Name = "large",
                Role = "any",
                Command = new { Name = "glueetl", ScriptLocation = script },
            }
        );
        await Badly(
            "StartJobRun",
            new
            {
                JobName = "large",
                WorkerType = "G.8X",
                NumberOfWorkers = 299,
            }
        );
        await user.Call(
            "CreateJob",
            new
            {
                Name = "slow",
                Role = "any",
                Command = command,
            }
        );
        await File.WriteAllTextAsync(script, "import time\ntime.sleep(600)\n");
        var slow = (string?)(await user.Call("StartJobRun", new { JobName = "slow" }))["JobRunId"];
        await Badly("StartJobRun", new { JobName = "slow" });
        await Well("GetJobRun", new { JobName = "table", RunId = run });
        await Badly("GetJobRun", new { JobName = "table", RunId = "none" });
        await Well("GetJobRuns", new { JobName = "table" });
        await Badly("GetJobRuns", new { JobName = "none" });
        await Badly("GetJobRuns", new { JobName = "table", NextToken = "none" });
        await Well("BatchStopJobRun", new { JobName = "slow", JobRunIds = new[] { slow } });

        await IngestOnce();
        await Well("GetJobBookmark", new { JobName = "ingest" });
        await Badly("GetJobBookmark", new { JobName = "table" });
        await Badly(
            "GetJobBookmark",
            new
            {
                JobName = "ingest",
                RunId = "x",
                Version = 1,
            }
        );
        await Well("GetJobBookmarks", new { JobName = "ingest" });
        await Badly("GetJobBookmarks", new { JobName = "none" });
        await Well("ResetJobBookmark", new { JobName = "ingest" });
        await Badly("ResetJobBookmark", new { JobName = "table" });

        await Well("CreateUsageProfile", new { Name = "small", Configuration = profile });
        await Badly("CreateUsageProfile", new { Name = "small", Configuration = profile });
        await Badly(
            "CreateUsageProfile",
            new { Name = "odd", Configuration = new { JobConfiguration = new { timeout = new { MaxValue = "x" } } } }
        );
        await Well("GetUsageProfile", new { Name = "small" });
        await Badly("GetUsageProfile", new { Name = "none" });
        await Well("UpdateUsageProfile", new { Name = "small", Configuration = profile });
        await Badly("UpdateUsageProfile", new { Name = "none", Configuration = profile });
        await Well("ListUsageProfiles", new { });
        await Badly("ListUsageProfiles", new { NextToken = "none" });
        await Well("DeleteUsageProfile", new { Name = "small" });
        await Well("CreateSecurityConfiguration", new { Name = "sealed", EncryptionConfiguration = new { } });
        await Badly("CreateSecurityConfiguration", new { Name = "sealed", EncryptionConfiguration = new { } });
        await Well("GetSecurityConfiguration", new { Name = "sealed" });
        await Badly("GetSecurityConfiguration", new { Name = "none" });
        await Well("GetSecurityConfigurations", new { });
        await Badly("GetSecurityConfigurations", new { NextToken = "none" });
        await Well("DeleteSecurityConfiguration", new { Name = "sealed" });
        await Badly("DeleteSecurityConfiguration", new { Name = "sealed" });
        await Well("DeleteJob", new { JobName = "table" });

        async Task<JsonObject> Well(string operation, object request)
        {
            _served.Add(operation);
            return await user.Call(operation, request);
        }

        async Task Badly(string operation, object request)
        {
            var answer = await user.Try(operation, request);
            Assert.True((int)answer.Status == 400, $"{operation} should have been refused: {answer}");
            if (!_errors.TryGetValue(operation, out var errors))
                _errors.Add(operation, errors = new SortedSet<string>(StringComparer.Ordinal));
            errors.Add(answer.ErrorCode!.Replace("Exception", "", StringComparison.Ordinal));
        }

        // A job whose script leaves a bookmark.
        async Task IngestOnce()
        {
            var ingest = user.NewPath();
            await File.WriteAllTextAsync(
                ingest,
                """
                import sys
                from awsglue.job import Job
                from awsglue.utils import getResolvedOptions
                job = Job()
                job.init("ingest", getResolvedOptions(sys.argv, []))
                job.set_bookmark("input", 1)
                job.commit()
                """
            );
            await user.Call(
                "CreateJob",
                new
                {
                    Name = "ingest",
                    Role = "any",
                    Command = new { Name = "pythonshell", ScriptLocation = ingest },
                    DefaultArguments = new Dictionary<string, string>
                    {
                        ["--job-bookmark-option"] = "job-bookmark-enable",
                    },
                }
            );
            var ended = await user.EndedRunOf("ingest");
            Assert.Equal("SUCCEEDED", (string?)ended["JobRunState"]);
        }
    }

    /// <summary>The operations of the service model that the gateway embeds, and the one that no SDK has.</summary>
    private static IEnumerable<string> Operations()
    {
        var model = JsonNode.Parse(
            File.ReadAllText(Path.Combine(Places.Repository, "gateway", "Protocol", "glue-model.json"))
        )!;
        return model["operations"]!.AsObject().Select(operation => operation.Key).Append("GetJobBookmarks");
    }

    private string Table()
    {
        var table = new StringBuilder("| Operation | refuses with |\n| --- | --- |\n");
        foreach (var operation in _served.Order(StringComparer.Ordinal))
        {
            var errors = _errors.TryGetValue(operation, out var seen) ? string.Join(", ", seen) : "nothing of its own";
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {operation} | {errors} |\n");
        }

        return table.ToString();
    }
}
