using System.Text.Json;
using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class LaunchTests : ExecutorTest
{
    [Fact]
    public async Task A_script_that_ends_well_is_reported_launched_and_then_exited_with_0()
    {
        var run = ARun("print('hello')");

        var exit = await Exit(run);

        Assert.Equal(0, exit.ExitCode);
        Assert.Null(exit.ErrorMessage);
        Assert.Equal("hello\n", Output(run));
        Assert.Collection(
            Reports.Of(run.Id),
            first => Assert.IsType<RunReport.Launched>(first),
            second => Assert.True(second.At >= Reports.Of(run.Id)[0].At)
        );
    }

    [Theory]
    [InlineData("import sys; sys.exit(3)", 3, "Command failed with exit code 3")]
    [InlineData("sql.run()", 1, "NameError: name 'sql' is not defined")]
    [InlineData("print('a'\nb = = 2", 1, "SyntaxError: ")]
    [InlineData("import os; os.kill(os.getpid(), 9)", 137, "The script was ended by SIGKILL (signal 9).")]
    public async Task A_script_that_fails_is_reported_with_its_exit_code_and_reason(string script, int code, string why)
    {
        var exit = await Exit(ARun(script));

        Assert.Equal(code, exit.ExitCode);
        Assert.StartsWith(why, exit.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_gets_Glues_arguments_first_and_then_its_own_in_order()
    {
        var run = ARun(
            "import sys, json; print(json.dumps(sys.argv))",
            settings =>
                settings with
                {
                    Command = settings.Command with { Name = "glueetl" },
                    SecurityConfiguration = "sealed",
                    ScriptArguments = new Dictionary<string, string>
                    {
                        ["--zone"] = "a b \"c\" $HOME *",
                        ["--JOB_NAME"] = "forged",
                        ["--JOB_RUN_ID"] = "forged",
                        ["--empty"] = "",
                        ["--TempDir"] = "s3://b/ü",
                    },
                }
        );
        Options.Commands["glueetl"] = "python3 {script} {arguments}";

        Assert.Equal(0, (await Exit(run)).ExitCode);

        var words = JsonSerializer.Deserialize<string[]>(Output(run))!;
        Assert.Equal(Path.Combine(RunsFolder, run.Id, "script.py"), words[0]);
        Assert.Matches("^j_[0-9a-f]{64}$", words[4]);
        Assert.Equal(
            [
                "--JOB_NAME",
                "nightly",
                "--JOB_ID",
                words[4],
                "--JOB_RUN_ID",
                run.Id,
                "--job-bookmark-option",
                "job-bookmark-disable",
                "--SECURITY_CONFIGURATION",
                "sealed",
                "--TempDir",
                "s3://b/ü",
                "--empty",
                "",
                "--zone",
                "a b \"c\" $HOME *",
            ],
            words[1..]
        );
    }

    [Fact]
    public void A_python_shell_run_is_not_told_its_run_id_and_keeps_its_own_bookmark_option()
    {
        var run = ARunAt(
            "x.py",
            settings =>
                settings with
                {
                    ScriptArguments = new Dictionary<string, string>
                    {
                        ["--job-bookmark-option"] = "job-bookmark-enable",
                    },
                }
        );

        var words = ScriptArguments.Of(run);

        Assert.DoesNotContain("--JOB_RUN_ID", words);
        Assert.Equal(["--job-bookmark-option", "job-bookmark-enable"], words.Skip(4));
    }

    [Fact]
    public async Task A_script_sees_none_of_the_nodes_variables_but_the_listed_ones()
    {
        Environment.SetEnvironmentVariable("ConnectionStrings__glue", "Password=secret");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "secret");
        Options.Environment["STAGE"] = "test";
        var run = ARun("import os, json; print(json.dumps([dict(os.environ), os.getcwd()]))");

        Assert.Equal(0, (await Exit(run)).ExitCode);

        using var printed = JsonDocument.Parse(Output(run));
        var variables = printed.RootElement[0].Deserialize<Dictionary<string, string>>()!;
        Assert.Equal(Path.Combine(RunsFolder, run.Id), printed.RootElement[1].GetString());
        Assert.Equal("test", variables["STAGE"]);
        Assert.Equal("1", variables["PYTHONUNBUFFERED"]);
        Assert.Equal(ShippedFiles.Python, variables["PYTHONPATH"]);
        Assert.Equal(run.Id, variables["GLUE_ORLEANS_RUN_ID"]);
        Assert.EndsWith(Environment.GetEnvironmentVariable("PATH")!, variables["PATH"], StringComparison.Ordinal);
        // What the shells (PWD, _, SHLVL), Python (LC_CTYPE) and pyenv add by themselves is nothing of the node's.
        string[] allowed =
        [
            "STAGE",
            "PYTHONUNBUFFERED",
            "PYTHONPATH",
            "GLUE_ORLEANS_RUN_ID",
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "LANG",
            "LANGUAGE",
            "TZ",
            "TMPDIR",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "JAVA_HOME",
            "VIRTUAL_ENV",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_",
        ];
        Assert.All(
            variables.Keys,
            name => Assert.True(allowed.Contains(name) || name.StartsWith("LC_") || name.Contains("PYENV_"), name)
        );
    }

    [Fact]
    public async Task A_script_has_default_signals_no_input_and_a_session_of_its_own()
    {
        var run = ARun(
            """
            import os, signal, sys
            print(os.getsid(0) == os.getpid() == os.getpgid(0), sys.stdin.read() == "")
            print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, signal.getsignal(signal.SIGINT) == signal.default_int_handler)
            print(signal.getsignal(signal.SIGHUP) == signal.SIG_DFL, signal.getsignal(signal.SIGQUIT) == signal.SIG_DFL)
            try:
                os.fstat(3)
            except OSError:
                print("the node's pipe is closed")
            """
        );

        Assert.Equal(0, (await Exit(run)).ExitCode);

        Assert.Equal("True True\nTrue True\nTrue True\nthe node's pipe is closed\n", Output(run));
    }

    [Fact]
    public async Task A_script_that_prints_100_MB_is_logged_whole()
    {
        var run = ARun(
            "import sys\nfor _ in range(100): sys.stdout.write('x' * (1 << 20)); sys.stderr.write('y' * 1000)"
        );

        Assert.Equal(0, (await Exit(run)).ExitCode);

        var logs = RunLogFiles.Of(RunsFolder, run.Id);
        Assert.Equal(100 << 20, new FileInfo(logs.StandardOutput).Length);
        Assert.Equal(100_000, new FileInfo(logs.StandardError).Length);
    }

    [Fact]
    public async Task Launching_twice_runs_the_script_once()
    {
        var count = Path.Combine(Folder, "count");
        var run = ARun($"open('{count}', 'a').write('x')");
        var executor = AnExecutor();

        await executor.Launch(run);
        await executor.Launch(run);
        await Reports.Next<RunReport.Exited>(run.Id);
        await AnExecutor().Launch(run);
        await Reports.Next<RunReport.Exited>(run.Id, seen: 1);

        Assert.Equal("x", await File.ReadAllTextAsync(count));
        Assert.Equal(
            [
                typeof(RunReport.Launched),
                typeof(RunReport.Exited),
                typeof(RunReport.Launched),
                typeof(RunReport.Exited),
            ],
            Reports.Of(run.Id).Select(report => report.GetType())
        );
    }

    [Fact]
    public async Task Two_nodes_that_launch_a_run_at_the_same_time_run_it_once()
    {
        var count = Path.Combine(Folder, "count");
        var run = ARun($"open('{count}', 'a').write('x')");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => AnExecutor().Launch(run)));
        for (var seen = 0; seen < 5; seen++)
            Assert.Equal(0, (await Reports.Next<RunReport.Exited>(run.Id, seen)).ExitCode);

        Assert.Equal("x", await File.ReadAllTextAsync(count));
    }

    [Fact]
    public async Task A_report_is_delivered_until_it_is_accepted_and_in_order()
    {
        Reports.Failures = 4;
        var run = ARun("pass");

        await Exit(run);

        Assert.Equal(
            [typeof(RunReport.Launched), typeof(RunReport.Exited)],
            Reports.Of(run.Id).Select(report => report.GetType())
        );
        Assert.Equal(0, Reports.Failures);
    }

    [Fact]
    public async Task What_a_script_leaves_running_is_ended_before_its_exit_is_reported()
    {
        var run = ARun(
            """
            import subprocess
            print(subprocess.Popen(["sleep", "300"]).pid)
            print(subprocess.Popen(["sleep", "300"], start_new_session=True).pid)
            """
        );

        Assert.Equal(0, (await Exit(run)).ExitCode);

        Assert.All(Output(run).Split('\n', StringSplitOptions.RemoveEmptyEntries), pid => Assert.False(IsAlive(pid)));
    }
}
