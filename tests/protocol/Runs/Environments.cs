using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Runs;

/// <summary>What scripts find around them.</summary>
public sealed class Environments(SharedServer shared)
{
    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task A_script_sees_nothing_of_the_environment_of_the_node()
    {
        // Its own, and that of the processes it descends from but for the node.
        var job = await _user.AJob(
            "import os\nprint(dict(os.environ))\nprint(open(f'/proc/{os.getppid()}/environ').read())\n"
        );
        var run = await _user.EndedRunOf(job);
        Assert.True(GlueUser.State(run) == "SUCCEEDED", run.ToJsonString());
        var seen = _user.Server.Output((string)run["Id"]!);
        Assert.Contains("PATH", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(SharedServer.Secret, seen, StringComparison.Ordinal);
        Assert.DoesNotContain("DATABASE_PASSWORD", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Spark_job_that_needs_no_Spark_runs_with_Python()
    {
        Assert.SkipWhen(Program.IsInstalled("spark-submit"), "spark-submit is installed, and would be used.");
        var job = await _user.AJob(
            "import sys\nfrom awsglue.utils import getResolvedOptions\n"
                + "print(getResolvedOptions(sys.argv, ['JOB_NAME'])['JOB_RUN_ID'])\n",
            AsSpark
        );
        var run = await _user.EndedRunOf(job);
        Assert.True(GlueUser.State(run) == "SUCCEEDED", run.ToJsonString());
        Assert.Equal($"{run["Id"]}\n", _user.Server.Output((string)run["Id"]!));
        Assert.Equal("/aws-glue/jobs", (string?)run["LogGroupName"]);
    }

    [Fact]
    public async Task A_Spark_job_without_Spark_says_what_to_install_or_configure()
    {
        Assert.SkipWhen(Program.IsInstalled("spark-submit"), "spark-submit is installed, and would be used.");
        var hasPyspark = await Program.Run("python3", ["-c", "import pyspark"], Path.GetTempPath());
        Assert.SkipWhen(hasPyspark.ExitCode == 0, "pyspark is installed, and would be found.");

        var job = await _user.AJob("from pyspark.context import SparkContext\nSparkContext()\n", AsSpark);
        var run = await _user.EndedRunOf(job);
        Assert.Equal("FAILED", GlueUser.State(run));
        Assert.All(
            ["pyspark", "pip install pyspark", "spark-submit", "Executor:Commands:glueetl"],
            text => Assert.Contains(text, (string?)run["ErrorMessage"], StringComparison.Ordinal)
        );
    }

    private static void AsSpark(JsonObject job) => job["Command"]!["Name"] = "glueetl";
}
