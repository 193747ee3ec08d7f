using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Flows;

/// <summary>
/// Tools that drive Glue jobs, played back with the SDKs they use: the same calls in the same order, the same members read.
/// What each of them relies on is asserted in its program in clients/, and told in glue-behaviour.md 8.
/// </summary>
public sealed class Replays(SharedServer shared)
{
    [Fact]
    public Task Airflow_creates_updates_runs_follows_kills_and_finds_its_runs_again() => Play("airflow.py");

    [Fact]
    public Task Dagster_reads_the_messages_that_its_script_printed() => Play("dagster.py");

    [Fact]
    public Task Prefect_finds_an_error_message_in_every_run_that_ended_badly() => Play("prefect.py");

    [Fact]
    public Task Step_Functions_waits_for_a_run_and_stops_it() => Play("stepfunctions.mjs");

    [Fact]
    public Task Terraform_reads_back_what_it_wrote() => Play("terraform.py");

    [Fact]
    public Task Terraform_changes_the_tags_of_a_job() => Play("terraform.py", "tags");

    private async Task Play(string program, params string[] words)
    {
        var user = shared.NewAccount();
        var folder = Directory.CreateDirectory(user.NewPath()).FullName;
        var url = user.Server.Url.ToString().TrimEnd('/');
        var ended = await ClientProgram.Run(program, [url, user.Account, folder, .. words]);
        Assert.True(ended is { ExitCode: 0, Output: "all is well\n" }, ended.ToString());
    }
}
