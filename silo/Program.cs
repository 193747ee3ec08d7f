using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using GlueOrleans.Executors;
using GlueOrleans.Executors.Cage;
using GlueOrleans.Silo;
using GlueOrleans.Silo.Clustering;
using GlueOrleans.Silo.Credentials;
using GlueOrleans.Silo.Demo;
using GlueOrleans.Silo.Health;
using Spectre.Console;

NodeProcess.CloseToOthers();

var data = new Option<string?>("--data")
{
    Description =
        $"Folder for everything the node keeps: runs, jobs, logs. [configuration: {NodeOptions.DataKey}; default: "
        + $"./{NodeOptions.DefaultData}, for the demo ./{DemoCommand.DefaultData}]",
    HelpName = "DIR",
    Recursive = true,
};
var urls = new Option<string?>("--urls")
{
    Description =
        "URL to listen on, a loopback one unless there are credentials; port 0 takes a free one. [configuration: Urls, ASPNETCORE_URLS; default: "
        + $"{NodeOptions.DefaultUrl}, for the demo a free port]",
    HelpName = "URL",
    Recursive = true,
};
var root = new RootCommand(
    $$"""
    GlueOrleans {{Version()}}: the AWS Glue Job Runs API on your own machine, really running your jobs.

    Serves the API until Ctrl-C. Point any AWS client at it with --endpoint-url {{NodeOptions.DefaultUrl}}.

    Settings are given as --Section:Key=value, in an appsettings.json where the node is started, or as an environment
    variable Section__Key. Times are written hh:mm:ss. With their defaults:

      Cluster:Database=...                 PostgreSQL: Host=...;Database=...;Username=...;Password=...; makes the node one
                                           of a cluster; without it, the node is alone
      Cluster:PasswordFile=FILE            has the database user's password, which may change; none
      Cluster:Roles=silo,executor,gateway  what it does in the cluster; a gateway alone keeps nothing
      Cluster:Node=NAME                    its name, unique in the cluster; the machine's
      Cluster:Address=127.0.0.1            where other nodes reach it
      Cluster:SiloPort=11111, Cluster:ClientPort=30000
                                           for other silos, and for gateways
      Cluster:Id=glue-orleans              nodes of one database with the same id are one cluster
      Cluster:Tls:Certificate=FILE, Cluster:Tls:Key=FILE, Cluster:Tls:PasswordFile=FILE, Cluster:Tls:Authority=FILE,
      Cluster:Tls:Name=glue-orleans        TLS between all nodes of the cluster: PEM (or PKCS#12), the PEM file of who signs
                                           their certificates, and the DNS name that each of these has; none
      Cluster:DrainDelay=00:00:00          how long it serves on, not ready, when told to stop
      Executor:StopGrace=00:00:10          between SIGTERM and SIGKILL
      Executor:MaxRuns=0                   scripts at a time; 0: any number
      Executor:Dpus=0                      DPUs of the runs on this node at a time; 0: any number
      Executor:Lease=00:00:30              how long a node of a cluster that is cut off is trusted with its runs
      Executor:RestartGrace=00:05:00       how long its scripts go on when it is stopped, until it is started again
      Executor:DrainTimeout=00:00:00       how long it waits for them to end before it stops
      Executor:Uids=FIRST-LAST             user ids for scripts, one for each run while it lasts; none: the node's own
      Executor:MemoryBytes=0, Executor:Processes=0, Executor:OpenFiles=0, Executor:FileBytes=0
                                           what each script may have; 0: no limit
      Executor:LogBytes=1073741824         what it may write to each of its logs; 0: no limit
      Executor:DiskBytes=0                 what its directory may hold; 0: no limit
      Executor:ScriptRoots:0=/FOLDER       where local scripts may come from; anywhere but the system's and dot folders
      Executor:Python=python3              the interpreter
      Executor:Commands:glueetl=...        how a command is run: {script}, {arguments}, {python}
      Executor:Environment:NAME=...        a variable for every script
      S3:ServiceUrl, S3:Region, S3:AccessKey, S3:SecretKey, S3:ForcePathStyle
                                           where scripts at s3:// come from; AWS itself
      Runs:LaunchDeadline=00:02:00         longest STARTING
      Runs:StopDeadline=00:02:00           longest STOPPING
      Runs:KeepHistory=90.00:00:00         how long a run that has ended is kept, with its logs
      Clock:Speed=1                        how many times faster than the wall the node's clock runs, up to 100000
      Events:File=events.jsonl             gets a line for each event of a run; empty for none
      Events:MaxFileBytes=10485760         how large it grows before it becomes events.1.jsonl
      Events:WebhookUrl=                   gets each event as a POST
      Runs:RetryPause=00:00:30             between a failed run and its next attempt
      Runs:QueueDeadline=0, Runs:FlexDeadline=00:20:00
                                           longest WAITING, of queued and of FLEX runs; 0: no limit
      Glue:GlueVersion=0.9                 of jobs that name none
      Glue:UsageProfile=NAME               applies to requests that name none; none
      Limits:ConcurrentRuns=200, Limits:ConcurrentRunsPerJob=1000, Limits:TaskDpus=1000, Limits:FlexDpus=50,
      Limits:QueuedRuns=1000, Limits:Jobs=1000, Limits:SecurityConfigurations=250, Limits:UsageProfiles=250
                                           what one account may have and run at a time
      Gateway:MaxRequestBytes=4194304      largest request body
      Gateway:MaxBodyBytes=67108864        of the bodies of all requests together
      Gateway:MaxConcurrentRequests=0      reads, and writes, worked on at a time; as many wait, the rest is told to come
                                           again; 0: 32 for each core
      Gateway:RequestsPerSecond=0, Gateway:RequestBurst=0
                                           of one access key; 0: any number, and twice as many at once
      Gateway:MaxConnections=0             open at a time; 0: half the files it may have open, at most 20000
      Gateway:BodyTimeout=00:00:30, Gateway:HeadersTimeout=00:00:10, Gateway:KeepAliveTimeout=00:02:10
                                           for a body and for headers to arrive, and for an idle connection
      Gateway:MinBytesPerSecond=240        slowest that bodies may be sent, and answers taken
      Gateway:MaxRequestLineBytes=8192, Gateway:MaxHeaderBytes=32768, Gateway:MaxHeaders=100
                                           of a request
      Gateway:MaxStreamsPerConnection=100  requests at a time on one connection of HTTP/2
      Gateway:DefaultAccount=000000000000  account of access keys that are not twelve digits
      Gateway:Region=us-east-1             the region the node says it is in
      Auth:CredentialsFile=FILE            who may call, as made by "credentials add"; credentials.json in the data folder,
                                           if it is there. Without, nobody is asked, and only this machine reaches the node
      Auth:Credentials:0:AccessKeyId, ...:SecretAccessKey or ...:SecretFile, ...:Account, ...:User, ...:Operations:0,
      ...:Jobs:0, ...:ReadOnly, ...:Operator
                                           the same from the environment (Auth__Credentials__0__AccessKeyId)
      Telemetry:OtlpEndpoint=URL           a collector for metrics and traces; none. Metrics are at /metrics as well
      Upkeep:SweepPeriod=00:00:10          between looks for runs whose deadline was missed
      Upkeep:BatchSize=200                 how many at a time
      Logging:LogLevel:GlueOrleans=Information

    Exit codes: 0 all well; 1 the demo's run did not succeed; 2 the node could not start.
    """
)
{
    data,
    urls,
};
root.TreatUnmatchedTokensAsErrors = false;
root.SetAction((given, cancellation) => Guarded(() => ServeCommand.Run(Options(given), cancellation)));

var sample = new Argument<string>("sample")
{
    Description = "Which sample to run.",
    DefaultValueFactory = _ => DemoCommand.SampleNames[0],
};
sample.AcceptOnlyFromAmong([.. DemoCommand.SampleNames]);
var demo = new Command("demo", "Start a node, run a sample job through its API, watch it to its end, and stop.")
{
    sample,
};
demo.TreatUnmatchedTokensAsErrors = false;
demo.SetAction(
    (given, cancellation) => Guarded(() => DemoCommand.Run(given.GetValue(sample)!, Options(given), cancellation))
);
root.Add(demo);
root.Add(CredentialsCommand.Create(data, Guarded));

var parsed = root.Parse(args);

// The host ends in a bounded time of being asked to. The default of 2 s would cut that short, and exit with a signal's
// number.
var timeToStop =
    Draining.TimeToStop
    + ClusterOptions.LongestDrainDelay
    + ProcessExecutorOptions.LongestDrainTimeout
    + TimeSpan.FromSeconds(10);
return parsed.Errors.Count > 0
    ? Usage(parsed)
    : await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = timeToStop });

NodeOptions Options(ParseResult given) =>
    new(given.GetValue(data), given.GetValue(urls), Settings(given.UnmatchedTokens));

// What System.CommandLine does not know must be a configuration key of a section that exists, or it is a typing error.
static List<string> Settings(IReadOnlyList<string> tokens)
{
    foreach (var token in tokens)
    {
        var setting = Regex.Match(token, @"^--(?<section>\w+):[\w:.-]+=", RegexOptions.ExplicitCapture);
        // Everybody on the machine can read a command line.
        if (setting.Success && token.Contains(":SecretAccessKey=", StringComparison.OrdinalIgnoreCase))
        {
            throw new StartupException(
                "A secret access key is not taken from the command line, which others can read: give it in the environment "
                    + "(Auth__Credentials__0__SecretAccessKey), or in a file (Auth:Credentials:0:SecretFile, Auth:CredentialsFile)."
            );
        }

        if (!setting.Success)
            throw new StartupException($"Unknown argument '{WithoutValue(token)}'. See --help.");
        if (!NodeOptions.Sections.Contains(setting.Groups["section"].Value, StringComparer.OrdinalIgnoreCase))
        {
            throw new StartupException(
                $"Unknown setting '{WithoutValue(token)}': there are the sections {string.Join(", ", NodeOptions.Sections)}."
            );
        }
    }

    return [.. tokens];
}

// Which of its settings is a secret is not known of what is not known.
static string WithoutValue(string token) => token.Split('=')[0];

static async Task<int> Guarded(Func<Task<int>> command)
{
    try
    {
        return await command();
    }
    catch (StartupException e)
    {
        return Failed(e.Message);
    }
}

static int Usage(ParseResult parsed) =>
    Failed(
        string.Join(
            ' ',
            parsed.Errors.Select(e =>
                string.Join(' ', e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.')
                + "."
            )
        ) + " See --help."
    );

static int Failed(string message)
{
    var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    console.Profile.Width = int.MaxValue / 2; // the terminal breaks lines; a path must not be broken by us
    console.MarkupLineInterpolated($"[red]glue-orleans:[/] {message}");
    return 2;
}

static string Version() =>
    typeof(Node).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[
        0
    ];
