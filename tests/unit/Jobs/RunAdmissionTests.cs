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
}
