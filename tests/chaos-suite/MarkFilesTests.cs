using GlueOrleans.Tests.ChaosSuite.Checker;
using Xunit;

namespace GlueOrleans.Tests.ChaosSuite;

public sealed class MarkFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("glue-marks-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_script_that_was_killed_while_it_wrote_is_read_as_far_as_it_came()
    {
        File.WriteAllText(Path.Combine(_folder, "jr_1_attempt_2.77"), "start 12.30 silo-1\nbeat 12.50 \nbea");
        File.WriteAllText(Path.Combine(_folder, "jr_2.78"), "");

        var execution = Assert.Single(MarkFiles.Read(_folder));
        Assert.Equal(("jr_1_attempt_2", "77", "silo-1"), (execution.RunId, execution.Process, execution.Node));
        Assert.Equal((12.3, 12.5), (execution.Begins, execution.LastSeen));
        Assert.Null(execution.EndedWith);
    }
}
