using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Wire;

/// <summary>
/// The whole of one exchange per operation, as golden/OPERATION.json has it: a change of any answer shows there. With
/// UPDATE_GOLDEN=1 in the environment the files are written anew, to be reviewed.
/// </summary>
public sealed partial class Golden_answers(SharedServer shared)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task Are_as_reviewed()
    {
        var script = _user.NewPath(".py");
        await File.WriteAllTextAsync(
            script,
            "from awsglue.job import Job\njob = Job()\njob.init('golden')\njob.set_bookmark('orders', '2026-01-31')\njob.commit()\n"
        );
        List<string> differences = [];

        var command = new { Name = "pythonshell", ScriptLocation = script };
        await Compare(
            "CreateJob",
            new
            {
                Name = "golden",
                Role = "any",
                Command = command,
            }
        );
        await Compare("GetJob", new { JobName = "golden" });
        await Compare("GetJobs", new { MaxResults = 5 });
        await Compare("BatchGetJobs", new { JobNames = new[] { "golden", "none" } });
        await Compare("UpdateJob", new { JobName = "golden", JobUpdate = new { Role = "other", Command = command } });
        var arguments = new JsonObject { ["--day"] = "monday" };
        var started = await Compare("StartJobRun", new { JobName = "golden", Arguments = arguments });
        var runId = (string)started["JobRunId"]!;
        await _user.EndedRun("golden", runId);
        await Compare("GetJobRun", new { JobName = "golden", RunId = runId });
        await _user.EndedRunOf("golden");
        await Compare("GetJobRuns", new { JobName = "golden", MaxResults = 1 });
        await Compare("BatchStopJobRun", new { JobName = "golden", JobRunIds = new[] { runId } });
        await Compare("GetJobBookmark", new { JobName = "golden" }, "GetJobBookmark.missing");
        for (var runs = 0; runs < 2; runs++)
            await _user.EndedRunOf("golden", new JsonObject { ["--job-bookmark-option"] = "job-bookmark-enable" });
        await Compare("GetJobBookmark", new { JobName = "golden" });
        await Compare("GetJobBookmarks", new { JobName = "golden", MaxResults = 1 });
        await Compare("ResetJobBookmark", new { JobName = "golden" });
        await Compare("ListJobs", new { });
        var arn = "arn:aws:glue:us-east-1::job/golden";
        await Compare("TagResource", new { ResourceArn = arn, TagsToAdd = new { team = "data", when = "night" } });
        await Compare("UntagResource", new { ResourceArn = arn, TagsToRemove = new[] { "when" } });
        await Compare("GetTags", new { ResourceArn = arn });
        var s3 = new { S3EncryptionMode = "SSE-S3" };
        await Compare(
            "CreateSecurityConfiguration",
            new { Name = "tight", EncryptionConfiguration = new { S3Encryption = new[] { s3 } } }
        );
        await Compare("GetSecurityConfiguration", new { Name = "tight" });
        await Compare("GetSecurityConfigurations", new { MaxResults = 5 });
        await Compare("DeleteSecurityConfiguration", new { Name = "tight" });
        var limits = new { timeout = new { DefaultValue = "30", MaxValue = "60" } };
        var configuration = new { JobConfiguration = limits };
        await Compare(
            "CreateUsageProfile",
            new
            {
                Name = "small",
                Description = "for trying",
                Configuration = configuration,
            }
        );
        await Compare("GetUsageProfile", new { Name = "small" });
        await Compare("ListUsageProfiles", new { MaxResults = 5 });
        await Compare("UpdateUsageProfile", new { Name = "small", Configuration = configuration });
        await Compare("DeleteUsageProfile", new { Name = "small" });
        await Compare("DeleteJob", new { JobName = "golden" });
        await Compare("GetJob", new { JobName = "golden" }, "GetJob.missing");
        await Compare("GetJobRuns", new { JobName = "golden", MaxResults = 201 }, "GetJobRuns.invalid");

        Assert.True(differences.Count == 0, string.Join("\n\n", differences));

        async Task<JsonObject> Compare(string operation, object request, string? file = null)
        {
            var answer = await _user.Try(operation, request);
            var exchange = new JsonObject
            {
                ["request"] = JsonSerializer.SerializeToNode(request),
                ["status"] = (int)answer.Status,
                ["response"] = answer.Json,
            };
            var seen = Masked(exchange) + "\n";
            var path = Path.Combine(Places.ProtocolTests, "golden", $"{file ?? operation}.json");
            if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
                await File.WriteAllTextAsync(path, seen);
            var reviewed = File.Exists(path) ? await File.ReadAllTextAsync(path) : "(no such file)";
            if (seen != reviewed)
                differences.Add($"{path} has\n{reviewed}but the server answers\n{seen}");
            return answer.Json;
        }
    }

    /// <summary>What differs between any two runs of this test is replaced by what it is.</summary>
    private string Masked(JsonObject exchange)
    {
        var text = exchange.ToJsonString(Readable).ReplaceLineEndings("\n");
        text = ScriptFile().Replace(text.Replace(_user.Server.Folder, "FOLDER"), "FOLDER/script.py");
        text = RunId().Replace(text, "RUN ID");
        text = Token().Replace(text, "\"NextToken\": \"TOKEN\"");
        return Number().Replace(text, match => $"\"{match.Groups["name"].Value}\": \"SECONDS\"");
    }

    [GeneratedRegex("FOLDER/[0-9a-f]{32}\\.py")]
    private static partial Regex ScriptFile();

    [GeneratedRegex("jr_[0-9a-f]{64}")]
    private static partial Regex RunId();

    [GeneratedRegex("\"NextToken\": \"[^\"]+\"")]
    private static partial Regex Token();

    [GeneratedRegex(
        "\"(?<name>CreatedOn|CreatedTimestamp|CreatedTimeStamp|LastModifiedOn|StartedOn|CompletedOn|ExecutionTime)\": [0-9.]+"
    )]
    private static partial Regex Number();
}
