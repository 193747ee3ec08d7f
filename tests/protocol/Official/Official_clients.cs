using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Official;

/// <summary>AWS's own clients, unmodified, each in an account of its own. What they assert is in clients/.</summary>
public sealed class Official_clients(SharedServer shared)
{
    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task The_SDK_for_JavaScript_goes_through_all_operations()
    {
        Assert.True(
            Directory.Exists(Path.Combine(Places.Clients, "node_modules", "@aws-sdk")),
            "The SDK is not installed: npm ci --prefix tests/protocol/clients (tests/run does it)."
        );
        AssertWell(await Program.Run("node", ["flow.mjs", .. await Arguments()], Places.Clients));
    }

    [Fact]
    public async Task Boto3_goes_through_all_operations()
    {
        var boto3 = await Program.Run("python3", ["-c", "import boto3"], Places.Clients);
        Assert.SkipUnless(boto3.ExitCode == 0, "boto3 is not installed: apt-get install python3-boto3.");
        AssertWell(await Program.Run("python3", ["flow.py", .. await Arguments()], Places.Clients));
    }

    [Fact]
    public async Task Boto3_moves_a_bookmark_with_the_sample_and_takes_it_back()
    {
        var boto3 = await Program.Run("python3", ["-c", "import boto3"], Places.Clients);
        Assert.SkipUnless(boto3.ExitCode == 0, "boto3 is not installed: apt-get install python3-boto3.");
        var url = _user.Server.Url.ToString().TrimEnd('/');
        var folder = Directory.CreateDirectory(_user.NewPath()).FullName;
        var samples = Path.Combine(Places.Repository, "samples");
        AssertWell(await Program.Run("python3", ["bookmarks.py", url, _user.Account, samples, folder], Places.Clients));
    }

    [Fact]
    public async Task The_AWS_CLI_creates_starts_stops_lists_and_deletes()
    {
        Assert.SkipUnless(Program.IsInstalled("aws"), "The AWS CLI is not installed: apt-get install awscli.");
        var scripts = await Scripts();
        await Cli("create-job", "--name", "cli", "--role", "any", "--command", Command("endless.py"));
        var id = (string)
            (await Cli("start-job-run", "--job-name", "cli", "--arguments", """{"--day":"monday"}"""))["JobRunId"]!;
        await _user.RunIn("RUNNING", "cli", id);

        var refused = await Aws("start-job-run", "--job-name", "cli");
        Assert.True(refused.ExitCode is 254 or 255, refused.ToString());
        Assert.Contains("(ConcurrentRunsExceededException)", refused.Error, StringComparison.Ordinal);

        var stop = await Cli("batch-stop-job-run", "--job-name", "cli", "--job-run-ids", id);
        Assert.Equal(id, (string?)stop["SuccessfulSubmissions"]![0]!["JobRunId"]);
        await _user.RunIn("STOPPED", "cli", id);
        var run = (await Cli("get-job-run", "--job-name", "cli", "--run-id", id))["JobRun"]!;
        Assert.Equal("STOPPED", (string?)run["JobRunState"]);
        Assert.Equal("monday", (string?)run["Arguments"]!["--day"]);
        var runs = await Cli("get-job-runs", "--job-name", "cli", "--max-items", "5");
        Assert.Equal(id, (string?)Assert.Single(runs["JobRuns"]!.AsArray())!["Id"]);

        await Cli("update-job", "--job-name", "cli", "--job-update", $"Role=other,Command={{{Command("instant.py")}}}");
        var jobs = await Cli("get-jobs");
        Assert.Equal("other", (string?)Assert.Single(jobs["Jobs"]!.AsArray())!["Role"]);
        await Cli("delete-job", "--job-name", "cli");
        var missing = await Aws("get-job", "--job-name", "cli");
        Assert.Contains("(EntityNotFoundException)", missing.Error, StringComparison.Ordinal);

        string Command(string script) => $"Name=pythonshell,ScriptLocation={scripts}/{script}";
    }

    private async Task<JsonObject> Cli(params string[] words)
    {
        var ended = await Aws(words);
        Assert.True(ended.ExitCode == 0, $"aws glue {string.Join(' ', words)}: {ended}");
        return ended.Output.Length == 0 ? [] : JsonNode.Parse(ended.Output)!.AsObject();
    }

    private Task<Ended> Aws(params string[] words) =>
        Program.Run(
            "aws",
            ["glue", "--endpoint-url", _user.Server.Url.ToString(), "--output", "json", .. words],
            _user.Server.Folder,
            new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = _user.Account,
                ["AWS_SECRET_ACCESS_KEY"] = "any",
                ["AWS_DEFAULT_REGION"] = "us-east-1",
                ["AWS_MAX_ATTEMPTS"] = "1",
                ["AWS_PAGER"] = "",
                // Nobody's profiles.
                ["AWS_CONFIG_FILE"] = "/dev/null",
                ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
            }
        );

    private async Task<string[]> Arguments() =>
        [_user.Server.Url.ToString().TrimEnd('/'), _user.Account, await Scripts()];

    private async Task<string> Scripts()
    {
        var folder = Directory.CreateDirectory(_user.NewPath()).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "instant.py"),
            "import sys\nfrom awsglue.utils import getResolvedOptions\n"
                + "print(getResolvedOptions(sys.argv, ['day'])['day'])\n"
        );
        await File.WriteAllTextAsync(Path.Combine(folder, "failing.py"), "raise ValueError('not today')\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "endless.py"), "import time\nwhile True: time.sleep(1)\n");
        return folder;
    }

    private static void AssertWell(Ended ended) =>
        Assert.True(ended is { ExitCode: 0, Output: "all is well\n" }, ended.ToString());
}
