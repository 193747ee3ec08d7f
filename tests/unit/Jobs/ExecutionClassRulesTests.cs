using GlueOrleans.Grains.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class ExecutionClassRulesTests
{
    [Theory]
    [InlineData("FLEX", "glueetl", "3.0", "G.1X")]
    [InlineData("FLEX", "glueetl", "5.1", "G.2X")]
    [InlineData("FLEX", "glueetl", "4.0", null)]
    [InlineData("FLEX", "glueetl", "next.one", "G.1X")]
    [InlineData("STANDARD", "pythonshell", null, null)]
    [InlineData("STANDARD", "gluestreaming", "2.0", "G.025X")]
    [InlineData(null, "glueray", "0.9", "Z.2X")]
    public void A_class_that_fits_is_taken(string? executionClass, string command, string? version, string? worker) =>
        Assert.Null(ExecutionClassRules.Problem(executionClass, command, version, worker));

    [Theory]
    [InlineData("gluestreaming", "5.0", "G.1X", "for Job Command gluestreaming: it is for glueetl. Use STANDARD.")]
    [InlineData("pythonshell", null, null, "for Job Command pythonshell: it is for glueetl. Use STANDARD.")]
    [InlineData("glueetl", "0.9", "G.1X", "with Glue version 0.9: set GlueVersion to 3.0 or later, or use STANDARD.")]
    [InlineData("glueetl", "2.0", null, "with Glue version 2.0: set GlueVersion to 3.0 or later, or use STANDARD.")]
    [InlineData("glueetl", "5.0", "G.4X", "with Worker Type G.4X: use G.1X or G.2X, or STANDARD.")]
    public void Flex_where_glue_has_none_is_refused_with_the_way_out(
        string command,
        string? version,
        string? worker,
        string text
    ) =>
        Assert.Equal(
            $"Execution Class FLEX is not supported {text}",
            ExecutionClassRules.Problem("FLEX", command, version, worker)
        );
}
