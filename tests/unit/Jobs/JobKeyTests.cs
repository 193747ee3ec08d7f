using GlueOrleans.GrainInterfaces.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class JobKeyTests
{
    [Theory]
    [InlineData("nightly")]
    [InlineData("a/b/../c")]
    [InlineData("job-{env}")]
    [InlineData("{0} } { %7B %25 %")]
    [InlineData("日本語 🚀")]
    public void A_grain_key_leads_back_to_its_job_and_has_no_braces(string name)
    {
        var job = new JobKey("000000000000", name);

        Assert.Equal(job, JobKey.Parse(job.GrainKey));
        Assert.DoesNotContain(job.GrainKey, c => c is '{' or '}');
    }
}
