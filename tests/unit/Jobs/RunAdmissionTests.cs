using GlueOrleans.Grains.Jobs;
using Xunit;
using static GlueOrleans.Grains.Jobs.AdmissionDecision;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class RunAdmissionTests
{
    [Theory]
    [InlineData(1, 0, AskAccount)]
    [InlineData(1, 1, Refuse)]
    [InlineData(3, 2, AskAccount)]
    [InlineData(3, 3, Refuse)]
    // An UpdateJob may lower the limit below what runs already.
    [InlineData(1, 5, Refuse)]
    public void A_run_needs_a_slot_of_its_job(int limit, int slotsHeld, AdmissionDecision expected) =>
        Assert.Equal(expected, RunAdmission.Decide(new AdmissionSnapshot(limit, slotsHeld, false, false, false)));

    [Theory]
    [InlineData(false, false, Refuse)]
    [InlineData(true, false, Queue)]
    [InlineData(false, true, RecordFailure)]
    // A trigger's run may queue like any other.
    [InlineData(true, true, Queue)]
    public void Without_a_slot_it_is_queued_refused_or_recorded(
        bool mayQueue,
        bool byTrigger,
        AdmissionDecision expected
    )
    {
        Assert.Equal(expected, RunAdmission.Decide(new AdmissionSnapshot(1, 1, false, mayQueue, byTrigger)));
        // Nor may it overtake those that wait already.
        Assert.Equal(expected, RunAdmission.Decide(new AdmissionSnapshot(1, 0, true, mayQueue, byTrigger)));
    }

    /// <summary>FLEX runs wait for spare capacity without being queued, but not for a slot of their job.</summary>
    [Theory]
    [InlineData(1, 0, true, Queue)]
    [InlineData(1, 0, false, AskAccount)]
    [InlineData(1, 1, true, Refuse)]
    [InlineData(1, 1, false, Refuse)]
    public void A_flex_run_waits_behind_others_if_its_job_has_a_slot(
        int limit,
        int slotsHeld,
        bool othersWait,
        AdmissionDecision expected
    ) =>
        Assert.Equal(
            expected,
            RunAdmission.Decide(new AdmissionSnapshot(limit, slotsHeld, othersWait, false, false, IsFlex: true))
        );
}
