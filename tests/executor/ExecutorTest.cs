using System.Diagnostics;
using System.Globalization;
using GlueOrleans.Executors;
using GlueOrleans.Executors.Cage;
using GlueOrleans.Executors.Lease;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>A node's executor on a folder of its own, with real processes. Whatever a test starts ends with it.</summary>
public abstract class ExecutorTest : IAsyncLifetime
{
    private readonly List<ProcessExecutor> _executors = [];
    private readonly HashSet<string> _runIds = [];

    private protected RecordingReports Reports { get; } = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("glue-executor-").FullName;

    protected ProcessExecutorOptions Options { get; } = new() { StopGrace = TimeSpan.FromSeconds(1) };

    /// <summary>The node's clock, and the one that processes live by.</summary>
    protected TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <inheritdoc cref="Clock"/>
    protected IWallClock Wall { get; set; } = new OneClock(TimeProvider.System);

    protected S3Options S3 { get; } = new();

    /// <summary>A node that is alone, unless a test wants another.</summary>
    private protected NodeTenure Tenure { get; set; } = NodeTenure.Endless(new ExecutorTenure("local", 1));

    protected string RunsFolder => Path.Combine(Folder, "runs");

    public ValueTask InitializeAsync()
    {
        Options.RunsFolder = RunsFolder;
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var executor in _executors)
            await executor.DisposeAsync();
        foreach (var runId in _runIds)
        {
            if (
                new RunDirectory(RunsFolder, runId).ReadClaim() is Claim.Supervised
                {
                    Supervisor: { IsAlive: true } left
                }
            )
                Posix.Kill(left.Pid, Posix.Sigkill);
            foreach (var pid in ProcessTree.Marked(runId))
                Posix.Kill(pid, Posix.Sigkill);
        }

        await Until(IsDeleted, $"{Folder} is deleted");
        GC.SuppressFinalize(this);
    }

    /// <summary>What is ending may still write into it.</summary>
    private bool IsDeleted()
    {
        try
        {
            RunTrash.Delete(Folder);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A new one on the same folder is what a node is after a restart.</summary>
    protected ProcessExecutor AnExecutor()
    {
        var executor = new ProcessExecutor(
            Reports,
            Tenure,
            Microsoft.Extensions.Options.Options.Create(Options),
            Microsoft.Extensions.Options.Options.Create(S3),
            Clock,
            Wall,
            NullLogger<ProcessExecutor>.Instance
        );
        _executors.Add(executor);
        return executor;
    }

    /// <summary>A run of a python shell job with this script.</summary>
    protected RunRecord ARun(string script, Func<RunSettings, RunSettings>? with = null)
    {
        var file = Path.Combine(Folder, $"{Guid.NewGuid():N}.py");
        File.WriteAllText(file, script);
        return ARunAt(file, with);
    }

    protected RunRecord ARunAt(string? location, Func<RunSettings, RunSettings>? with = null)
    {
        var settings = new RunSettings
        {
            ScriptArguments = new Dictionary<string, string>(),
            Command = new JobCommand { Name = "pythonshell", ScriptLocation = location },
            JobMode = "SCRIPT",
            LogGroupName = "/aws-glue/jobs",
        };
        var id = RunId.New();
        _runIds.Add(id);
        return new RunRecord
        {
            Job = new JobKey("000000000000", "nightly"),
            Id = id,
            Ordinal = 1,
            Version = 1,
            State = JobRunState.Starting,
            StartedOn = DateTimeOffset.UnixEpoch,
            LastModifiedOn = DateTimeOffset.UnixEpoch,
            Settings = with is null ? settings : with(settings),
        };
    }

    /// <summary>Launches the run and waits for its end.</summary>
    protected async Task<RunReport.Exited> Exit(RunRecord run)
    {
        await AnExecutor().Launch(run);
        return await Reports.Next<RunReport.Exited>(run.Id);
    }

    protected async Task<string> LaunchFailure(RunRecord run)
    {
        await AnExecutor().Launch(run);
        return (await Reports.Next<RunReport.LaunchFailed>(run.Id)).ErrorMessage;
    }

    protected string Output(RunRecord run) => File.ReadAllText(RunLogFiles.Of(RunsFolder, run.Id).StandardOutput);

    /// <summary>The script has written this file, complete.</summary>
    protected static async Task<string> Written(string file)
    {
        await Until(() => File.Exists(file), $"the script has written {file}");
        return await File.ReadAllTextAsync(file);
    }

    /// <summary>Of what only the file system tells: it has no events to wait for that every platform has.</summary>
    protected static async Task Until(Func<bool> isSo, string what)
    {
        var limit = TimeSpan.FromMinutes(2);
        var start = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
                throw new TimeoutException($"Expected within {limit.TotalSeconds} s: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Scripts as users of their own, each run one of so many; skips the test where that cannot be.</summary>
    /// <remarks>The ids are this test's alone, so that tests may run at the same time.</remarks>
    private protected void Cage(int users = 4)
    {
        const string System = "/usr/bin/python3";
        if (!OperatingSystem.IsLinux() || Posix.EffectiveUser != 0)
            Assert.Skip("Only root may run scripts as other users, and only on Linux is that supported.");
        if (!File.Exists(System))
            Assert.Skip($"There is no {System}, and an interpreter of root's own is closed to others.");
        var first = Interlocked.Add(ref _lastUid, users) - users;
        Options.Uids = $"{first}-{first + users - 1}";
        Options.Python = System;
        Options.Environment["PATH"] = "/usr/bin:/bin";
        Options.ScriptRoots.Add(Folder);
        File.SetUnixFileMode(Folder, RunDirectory.PassingThrough);
        Assert.Empty(CageCheck.Faults(Options));
    }

    private static int _lastUid = 1_900_000_000 + (Environment.ProcessId * 1000 % 100_000_000);

    private protected RunDirectory DirectoryOf(RunRecord run) => new(RunsFolder, run.Id);

    /// <summary>A path for a script to tell where it is, and the statements by which it does.</summary>
    protected (string File, string Python) ASignpost(string value = "os.getpid()")
    {
        var file = Path.Combine(Folder, $"{Guid.NewGuid():N}.signpost");
        return (
            file,
            $"import os; open('{file}.draft', 'w').write(str({value})); os.rename('{file}.draft', '{file}')\n"
        );
    }

    protected static bool IsAlive(string pid) =>
        ProcStat.Read(int.Parse(pid, CultureInfo.InvariantCulture)) is { State: not ('Z' or 'X') };

    /// <summary>Runs python3 as an operator would, and returns what it prints.</summary>
    protected static async Task<(int ExitCode, string Output, string Error)> Python(params string[] words)
    {
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH")!,
            ["HOME"] = Environment.GetEnvironmentVariable("HOME")!,
            ["PYTHONPATH"] = ShippedFiles.Python,
        };
        using var python = Process.Start(Supervisor.Detached("python3", words, Path.GetTempPath(), environment))!;
        python.StandardInput.Close();
        var error = python.StandardError.ReadToEndAsync();
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return (python.ExitCode, output, await error);
    }
}

internal static class Launches
{
    /// <summary>Of a run that does not use its job's bookmark.</summary>
    public static Task Launch(this ProcessExecutor executor, RunRecord run) => executor.Launch(run, bookmark: null);

    public static Task<bool> Forget(this ProcessExecutor executor, string runId) =>
        executor.Forget(runId, executor: null);
}
