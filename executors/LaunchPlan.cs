using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Executors;

/// <summary>How a run's script will be started, or why it cannot be.</summary>
internal abstract record LaunchPlan
{
    public sealed record Ready(IReadOnlyList<string> CommandLine) : LaunchPlan;

    /// <summary>A sentence that names the value at fault and the remedy.</summary>
    public sealed record Impossible(string Message) : LaunchPlan;
}

/// <summary>Turns a run into a command line: the configured one, or plain Python where that will do.</summary>
internal sealed class LaunchPlanner(ProcessExecutorOptions options)
{
    /// <param name="run">Whose script is in its directory.</param>
    /// <param name="directory">Of the run.</param>
    /// <param name="environment">Of the script.</param>
    /// <param name="cage">The words that come before every command line that has to do with the script.</param>
    /// <param name="cancellation">Of the launch.</param>
    public async Task<LaunchPlan> Plan(
        RunRecord run,
        RunDirectory directory,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<string> cage,
        CancellationToken cancellation
    )
    {
        var command = run.Settings.Command.Name ?? "";
        if (!options.Commands.TryGetValue(command, out var text))
        {
            var known = string.Join(", ", options.Commands.Keys.Order(StringComparer.Ordinal));
            return new LaunchPlan.Impossible(
                $"'{command}' is no command this node can run. Use one of {known}, or configure Executor:Commands:{command}."
            );
        }

        var scala = ScriptArguments.IsScala(run.Settings);
        var script = directory.Script(scala);
        var arguments = ScriptArguments.Of(run);
        if (arguments.Any(word => word.Contains('\0')))
            return new LaunchPlan.Impossible("An argument has a NUL in it, which no process can get.");

        var template = CommandTemplate.Parse(text);
        if (template is not null && Find(template.Program(options.Python), environment) is { } program)
            return new LaunchPlan.Ready([
                .. cage,
                program,
                .. template.CommandLine(options.Python, script, arguments).Skip(1),
            ]);

        var why = template is null
            ? $"Executor:Commands:{command} is not set"
            : $"{template.Program(options.Python)} (Executor:Commands:{command}) is not on PATH";
        if (scala)
        {
            return new LaunchPlan.Impossible(
                $"The script is in Scala (--job-language), and {why}. Put spark-submit on PATH, or set "
                    + $"Executor:Commands:{command} to a command line that runs Scala scripts."
            );
        }

        if (Find(options.Python, environment) is not { } python)
        {
            return new LaunchPlan.Impossible(
                template is null || template.Program(options.Python) == options.Python
                    ? $"{options.Python} is not on PATH. Install it, or set Executor:Python to an interpreter."
                    : $"{why}, and neither is {options.Python}. Install one of them, or set Executor:Python."
            );
        }

        var missing = await ImportCheck.Missing([.. cage, python], script, directory.Work, environment, cancellation);
        return missing.Count == 0
            ? new LaunchPlan.Ready([
                .. cage,
                python,
                .. CommandTemplate.PlainPython.CommandLine(options.Python, script, arguments).Skip(1),
            ])
            : new LaunchPlan.Impossible(Explain(missing, why, command));
    }

    /// <summary>The program's path; <c>null</c> when there is none that may be executed.</summary>
    public static string? Find(string program, IReadOnlyDictionary<string, string> environment)
    {
        if (program.Contains('/'))
            return IsExecutable(program) ? Path.GetFullPath(program) : null;
        var path = environment.TryGetValue("PATH", out var value) ? value : "/usr/local/bin:/usr/bin:/bin";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string file) =>
        File.Exists(file)
        && !OperatingSystem.IsWindows()
        && (
            File.GetUnixFileMode(file)
            & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)
        ) != 0;

    private string Explain(IReadOnlyList<string> missing, string why, string command)
    {
        var packages = missing.Select(module => module.Split('.')[0]).Distinct().ToArray();
        var remedies = new List<string>();
        if (packages.Any(package => package is "pyspark" or "awsglue" or "py4j"))
            remedies.Add("install Spark (pip install pyspark) or put spark-submit on PATH");
        if (packages.Contains("awsglue"))
            remedies.Add("add AWS's aws-glue-libs to Executor:Environment:PYTHONPATH for awsglue's Spark parts");
        var others = packages.Where(package => package is not ("pyspark" or "awsglue" or "py4j")).ToArray();
        if (others.Length > 0)
            remedies.Add($"install them for {options.Python} (pip install {string.Join(' ', others)})");
        remedies.Add($"set Executor:Commands:{command} to the command line that runs such scripts");
        return FailureMessage.Cut(
            $"The script imports {string.Join(", ", missing)}, which {options.Python} cannot find; {why}. "
                + $"Remedies: {string.Join("; ", remedies)}."
        );
    }
}
