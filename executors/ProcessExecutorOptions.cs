using GlueOrleans.Executors.Cage;
using GlueOrleans.GrainInterfaces;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Executors;

/// <summary>How this node runs scripts. The configuration section <c>Executor</c>.</summary>
public sealed class ProcessExecutorOptions
{
    /// <summary>The folder that holds a directory per run: its script, its logs, its process, its exit.</summary>
    /// <remarks>
    /// Must survive a restart of the node, on a file system with hard links. A relative path counts from the node's
    /// working directory. Default <c>runs</c>; the node puts it into its data folder.
    /// </remarks>
    public string RunsFolder { get; set; } = "runs";

    /// <summary>How long a stopped script has between SIGTERM and SIGKILL to clean up.</summary>
    /// <remarks>Unit: wall time, more than 0, at most an hour. Default 10 s. Not a Glue setting.</remarks>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many scripts may run on this node at a time; further runs wait. 0, the default: any number.</summary>
    public int MaxRuns { get; set; }

    /// <summary>How many DPUs the runs on this node may hold at a time; further runs wait. 0, the default: any number.</summary>
    /// <remarks>A run's DPUs are its MaxCapacity: 0.0625 for the smallest python shell job.</remarks>
    public double Dpus { get; set; }

    /// <summary>How long this node is trusted with its runs without a word to the database.</summary>
    /// <remarks>
    /// Unit: wall time, 10 s to 1 h. Default 30 s. Only in a cluster. It is renewed every tenth of it. A node that is cut off
    /// ends its scripts when two thirds of it have passed, and its guard sees to that when five sixths have; the runs of a node
    /// that died are given up when all of it has. Shorter: they are given up sooner. Longer: the database may be away longer.
    /// The guard looks once a second, so a sixth of it has to be more than that.
    /// </remarks>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the scripts of a node that was stopped in good order go on without it: the time to start it again.</summary>
    /// <remarks>Unit: wall time, 0 to a day. Default 5 min. Only in a cluster; alone a node's scripts go on for any time. What is
    /// shorter than <see cref="Lease"/> is that long.</remarks>
    public TimeSpan RestartGrace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a node that is to stop waits for its scripts to end. It takes no new ones meanwhile.</summary>
    /// <remarks>Unit: wall time, 0 to a day. 0, the default: it does not wait. Only in a cluster. A second signal ends it.</remarks>
    public TimeSpan DrainTimeout { get; set; }

    public static readonly TimeSpan LongestDrainTimeout = TimeSpan.FromDays(1);

    /// <summary>The user ids that scripts run as, each run as one of its own: <c>FIRST-LAST</c>, or one.</summary>
    /// <remarks>
    /// From 1000 on, at most 65536; nobody else may have them. Default none: scripts run as the node's user, and can do what
    /// that one can, to each other too. With it, a script owns a folder of its own, which is its HOME and TMPDIR, and no more;
    /// all that acts as its user ends with it. There are as many scripts at a time as ids. Only on Linux, as root (or with
    /// CAP_CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID and SETUID, also as ambient ones), and with setpriv(1).
    /// </remarks>
    public string Uids { get; set; } = "";

    /// <summary>Bytes of memory that each process of a script may map (RLIMIT_AS). 0, the default: no limit.</summary>
    /// <remarks>At least 16 MiB. A Java virtual machine maps much more than it uses.</remarks>
    public long MemoryBytes { get; set; }

    /// <summary>How many processes and threads a script's user may have (RLIMIT_NPROC). 0, the default: no limit.</summary>
    /// <remarks>
    /// Counted per user, and root is exempt: it is a limit of each run with <see cref="Uids"/>; without, the scripts of a node
    /// share it with all else that its user runs, and on a node that is root it is none.
    /// </remarks>
    public long Processes { get; set; }

    /// <summary>How many files each process of a script may have open (RLIMIT_NOFILE). At least 16; 0, the default: as the node.</summary>
    public long OpenFiles { get; set; }

    /// <summary>Bytes that any one file may grow to by a script's hand, its logs included (RLIMIT_FSIZE). 0, the default: no limit.</summary>
    /// <remarks>At least 4096. Writing more fails ("File too large"), or ends the process with SIGXFSZ.</remarks>
    public long FileBytes { get; set; }

    /// <summary>Bytes that a script may write to its standard output, and to its standard error. 0: no limit.</summary>
    /// <remarks>
    /// At least 4096. Default 1 GiB. The node looks once a second while it runs, so a script may get somewhat further; then it is
    /// killed, and its run fails with a sentence that says so.
    /// </remarks>
    public long LogBytes { get; set; } = 1L << 30;

    /// <summary>Bytes of disk that a run's directory may take, logs included. 0, the default: no limit.</summary>
    /// <remarks>
    /// At least 1 MiB. Measured with du(1), at most once a second, and less often where that takes long; a script that is over
    /// is killed as with <see cref="LogBytes"/>. Files elsewhere, and open files without a name, do not count: where that
    /// matters give the user ids a quota of the file system.
    /// </remarks>
    public long DiskBytes { get; set; }

    /// <summary>The folders that local scripts may come from, after all links are followed.</summary>
    /// <remarks>
    /// Absolute paths. Default none: a script may come from anywhere but <c>/etc</c>, <c>/proc</c>, <c>/sys</c>, <c>/dev</c>,
    /// <c>/run</c>, <c>/boot</c> and folders or files whose name begins with a dot; with <see cref="Uids"/> it must also be one
    /// that everybody may read. Never from the node's own data folder.
    /// </remarks>
    public IList<string> ScriptRoots { get; } = [];

    /// <summary>The node's data folder, which no script may come from. The node sets it.</summary>
    public string? DataFolder { get; set; }

    /// <summary>
    /// The interpreter: <c>{python}</c> in a command, the fallback of commands whose program is missing, and what checks a
    /// script's imports for it.
    /// </summary>
    /// <remarks>A name on the script's PATH or an absolute path. Default <c>python3</c>.</remarks>
    public string Python { get; set; } = "python3";

    /// <summary>The command line for each of Glue's command names.</summary>
    /// <remarks>
    /// Words parted by spaces; quotes (<c>"</c>, <c>'</c>) keep spaces in a word, a backslash keeps the next character; no
    /// shell reads it. <c>{script}</c> must be a word; <c>{arguments}</c> (none, or many words) and <c>{python}</c> may be.
    /// An empty text removes a command line: the script then runs with <see cref="Python"/>, if that finds its imports.
    /// </remarks>
    public Dictionary<string, string> Commands { get; } =
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["glueetl"] = "spark-submit --master local[*] {script} {arguments}",
            ["gluestreaming"] = "spark-submit --master local[*] {script} {arguments}",
            ["glueray"] = "",
            ["pythonshell"] = "{python} {script} {arguments}",
        };

    /// <summary>Variables that every script gets, over those passed on from the node.</summary>
    /// <remarks>
    /// Nothing else of the node's environment reaches a script but PATH, HOME and the like: scripts run for others, and the
    /// node's variables hold its credentials. A script that shall reach AWS needs its AWS_* variables here.
    /// </remarks>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Of <see cref="Uids"/>; <c>null</c> without.</summary>
    internal UidRange? Range => UidRange.Parse(Uids);

    /// <summary>How many scripts have room: of <see cref="MaxRuns"/> and the number of user ids the smaller. 0: any number.</summary>
    internal int Places => Range is { Count: var users } && (MaxRuns == 0 || users < MaxRuns) ? users : MaxRuns;
}

/// <summary>Where scripts at <c>s3://</c> are fetched from. The configuration section <c>S3</c>.</summary>
public sealed class S3Options
{
    /// <summary>An S3-compatible store, such as <c>http://localhost:9000</c>; <c>null</c> (the default) is AWS.</summary>
    public string? ServiceUrl { get; set; }

    /// <summary>The region to sign for; <c>null</c> = AWS's usual places, or <c>us-east-1</c> with a service URL.</summary>
    public string? Region { get; set; }

    /// <summary>With <see cref="SecretKey"/>; <c>null</c> = AWS's usual places (environment, profile, instance).</summary>
    public string? AccessKey { get; set; }

    public string? SecretKey { get; set; }

    /// <summary>The bucket in the path, not in the host name. <c>null</c> = yes with a service URL, no without.</summary>
    public bool? ForcePathStyle { get; set; }
}

internal sealed class ValidateProcessExecutorOptions : IValidateOptions<ProcessExecutorOptions>
{
    public ValidateOptionsResult Validate(string? name, ProcessExecutorOptions options)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(options.RunsFolder))
            faults.Add("Executor:RunsFolder is empty: name the folder that shall hold the runs' directories.");
        if (options.StopGrace <= TimeSpan.Zero || options.StopGrace > TimeSpan.FromHours(1))
            faults.Add($"Executor:StopGrace is {options.StopGrace}: give more than 0 and at most 01:00:00.");
        if (options.MaxRuns < 0)
            faults.Add($"Executor:MaxRuns is {options.MaxRuns}: give a number of runs, or 0 for any number.");
        if (options.Dpus < 0 || !double.IsFinite(options.Dpus))
            faults.Add($"Executor:Dpus is {options.Dpus}: give a number of DPUs, or 0 for any number.");
        if (options.Lease < TimeSpan.FromSeconds(10) || options.Lease > TimeSpan.FromHours(1))
            faults.Add($"Executor:Lease is {options.Lease}: give 00:00:10 to 01:00:00.");
        if (options.RestartGrace < TimeSpan.Zero || options.RestartGrace > TimeSpan.FromDays(1))
            faults.Add($"Executor:RestartGrace is {options.RestartGrace}: give 0 to 1.00:00:00.");
        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > ProcessExecutorOptions.LongestDrainTimeout)
            faults.Add($"Executor:DrainTimeout is {options.DrainTimeout}: give 0 to 1.00:00:00.");
        faults.AddRange(CageFaults(options));
        if (string.IsNullOrWhiteSpace(options.Python))
            faults.Add("Executor:Python is empty: give an interpreter's name or absolute path, such as python3.");
        foreach (var (command, template) in options.Commands)
        {
            if (CommandTemplate.Fault(template) is { } fault)
                faults.Add($"Executor:Commands:{command} is '{template}': {fault}");
        }

        foreach (var (variable, value) in options.Environment)
        {
            if (variable.Length == 0 || variable.Contains('=') || variable.Contains('\0') || value.Contains('\0'))
                faults.Add($"Executor:Environment:{variable} is not a variable a process can have: rename it.");
        }

        // What would be tried with settings that make no sense says nothing.
        if (faults.Count == 0)
            faults.AddRange(CageCheck.Faults(options));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> CageFaults(ProcessExecutorOptions options)
    {
        if (options.Uids.Length > 0 && options.Range is null)
        {
            yield return $"Executor:Uids is '{options.Uids}': give a first and a last user id, such as 200000-200099, "
                + $"from {UidRange.Lowest} on.";
        }

        (string Name, long Value, long Least)[] limits =
        [
            (nameof(options.MemoryBytes), options.MemoryBytes, 16 << 20),
            (nameof(options.Processes), options.Processes, 1),
            (nameof(options.OpenFiles), options.OpenFiles, 16),
            (nameof(options.FileBytes), options.FileBytes, 4096),
            (nameof(options.LogBytes), options.LogBytes, 4096),
            (nameof(options.DiskBytes), options.DiskBytes, 1 << 20),
        ];
        foreach (var (name, value, least) in limits)
        {
            if (value != 0 && value < least)
                yield return $"Executor:{name} is {value}: give at least {least}, or 0 for no limit.";
        }

        foreach (var root in options.ScriptRoots)
        {
            if (!Path.IsPathRooted(root) || root.Contains('\0'))
                yield return $"Executor:ScriptRoots has '{root}': give absolute paths of folders.";
        }
    }
}

internal sealed class ValidateS3Options : IValidateOptions<S3Options>
{
    public ValidateOptionsResult Validate(string? name, S3Options options) =>
        options.ServiceUrl is not { } url
        || (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https"))
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"S3:ServiceUrl is '{SecretNames.Mask(url)}': give a URL such as http://localhost:9000."
            );
}
