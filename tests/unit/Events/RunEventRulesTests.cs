using System.Text.Json;
using System.Text.Json.Nodes;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Events;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.Unit.Events;

/// <summary>glue-behaviour.md 5.2, 5.4 and 11.24.</summary>
public sealed class RunEventRulesTests
{
    [Fact]
    public void The_end_of_a_run_is_told_as_Glue_tells_it()
    {
        var run = ARun()
            .OfJob("my_job")
            .WithId("jr_1")
            .WithError("NameError: name 'sql' is not defined")
            .InState(JobRunState.Failed)
            .Build();

        var told = Json(RunEventRules.Ended(run, "us-west-2"));
        Assert.True(Guid.TryParse((string?)told["id"], out _));
        told["id"] = "an id";

        Assert.Equal(
            """{"version":"0","id":"an id","detail-type":"Glue Job State Change","source":"aws.glue","account":"000000000000","time":"2026-01-02T03:04:05Z","region":"us-west-2","resources":[],"detail":{"jobName":"my_job","severity":"ERROR","state":"FAILED","jobRunId":"jr_1","message":"NameError: name \u0027sql\u0027 is not defined"}}""",
            told.ToJsonString()
        );
    }

    [Fact]
    public void A_run_that_is_late_is_told_as_Glue_tells_it()
    {
        var run = Late(JobRunState.Running).OfJob("MyJob").WithId("jr_1").Build();

        var told = Json(RunEventRules.Delayed(run, Accepted.AddMinutes(2), "us-east-1"));
        told["id"] = "an id";

        Assert.Equal(
            """{"version":"0","id":"an id","detail-type":"Glue Job Run Status","source":"aws.glue","account":"000000000000","time":"2026-01-02T03:06:05Z","region":"us-east-1","resources":[],"detail":{"jobName":"MyJob","severity":"INFO","notificationCondition":{"NotifyDelayAfter":1},"state":"RUNNING","jobRunId":"jr_1","message":"Job is in RUNNING state","startedOn":"2026-01-02T03:04:05.678Z"}}""",
            told.ToJsonString()
        );
    }

    [Theory]
    [InlineData(JobRunState.Succeeded, "INFO", "Job run succeeded")]
    [InlineData(JobRunState.Failed, "ERROR", "It broke.")]
    [InlineData(JobRunState.Timeout, "WARN", "Job run timed out")]
    [InlineData(JobRunState.Stopped, "INFO", "Job run stopped")]
    public void Four_ends_make_an_event(JobRunState state, string severity, string message)
    {
        var told = RunEventRules.Ended(ARun().WithError("It broke.").InState(state), "us-east-1");

        Assert.Equal((severity, message), (told?.Detail.Severity, told?.Detail.Message));
        Assert.Equal(state.ToGlueName(), told?.Detail.State);
    }

    [Theory]
    [InlineData(JobRunState.Waiting)]
    [InlineData(JobRunState.Starting)]
    [InlineData(JobRunState.Running)]
    [InlineData(JobRunState.Stopping)]
    [InlineData(JobRunState.Error)]
    [InlineData(JobRunState.Expired)]
    public void No_other_state_makes_one(JobRunState state) =>
        Assert.Null(RunEventRules.Ended(ARun().InState(state), "us-east-1"));

    [Fact]
    public void Only_a_run_that_is_waited_for_can_be_late()
    {
        var told = Enum.GetValues<JobRunState>()
            .Where(state => state != JobRunState.Unset)
            .Where(state => RunEventRules.Delayed(Late(state), Accepted.AddHours(1), "us-east-1") is not null);

        Assert.Equal([JobRunState.Starting, JobRunState.Running, JobRunState.Stopping], told);
        Assert.Null(RunEventRules.Delayed(ARun().InState(JobRunState.Running), Accepted.AddHours(1), "us-east-1"));
    }

    [Fact]
    public void An_event_has_the_same_id_whenever_it_is_told_and_no_other_event_has_it()
    {
        RunRecord run = Late(JobRunState.Running);
        var stopping = run with { State = JobRunState.Stopping, EndsAs = JobRunState.Stopped };
        RunRecord other = Late(JobRunState.Running);

        Assert.Equal(IdOf(run, minutes: 1), IdOf(run, minutes: 7));
        Assert.Equal(3, new[] { IdOf(run, 1), IdOf(stopping, 1), IdOf(other, 1) }.Distinct().Count());

        static Guid IdOf(RunRecord run, int minutes) =>
            RunEventRules.Delayed(run, Accepted.AddMinutes(minutes), "us-east-1")!.Id;
    }

    private static GlueOrleans.Tests.Support.RunBuilder Late(JobRunState state) =>
        ARun()
            .InState(state)
            .WithSettings(settings =>
                settings with
                {
                    NotificationProperty = new NotificationProperty { NotifyDelayAfter = 1 },
                }
            );

    private static JsonObject Json(RunEventDocument? document) =>
        JsonSerializer.SerializeToNode(document!, RunEventJson.Default.RunEventDocument)!.AsObject();
}
