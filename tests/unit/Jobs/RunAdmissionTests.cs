using GlueOrleans.Grains.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class RunAdmissionTests
{
    [Theory]
    [InlineData(1, 0, AdmissionDecision.Admit)]
    [InlineData(1, 1, AdmissionDecision.JobConcurrencyLimit)]
    [InlineData(3, 2, AdmissionDecision.Admit)]
    [InlineData(3, 3, AdmissionDecision.JobConcurrencyLimit)]
    // An UpdateJob may lower the limit below what runs already.
    [InlineData(1, 5, AdmissionDecision.JobConcurrencyLimit)]
    public void A_run_is_admitted_while_fewer_slots_are_held_than_the_job_has(
        int maxConcurrentRuns,
        int slotsHeld,
        AdmissionDecision expected
    ) => Assert.Equal(expected, RunAdmission.Decide(new AdmissionSnapshot(maxConcurrentRuns, slotsHeld)));
}
