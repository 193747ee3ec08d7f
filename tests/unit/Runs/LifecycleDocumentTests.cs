using System.Reflection;
using Xunit;

namespace GlueOrleans.Tests.Unit.Runs;

public sealed class LifecycleDocumentTests
{
    /// <summary>With UPDATE_DOCS=1 in the environment the page is written anew, to be reviewed.</summary>
    [Fact]
    public void The_page_about_the_lifecycle_says_what_the_code_does()
    {
        var root = typeof(LifecycleDocumentTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot")
            .Value!;
        var page = Path.Combine(root, "docs", "run-lifecycle.md");
        var rendered = LifecycleDocument.Render();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(page, rendered);

        var found = File.Exists(page) ? File.ReadAllText(page).ReplaceLineEndings("\n") : "";
        Assert.True(
            rendered == found,
            $"docs/run-lifecycle.md is not what the lifecycle says, from line {FirstDifference(rendered, found)} on. "
                + "Write it anew with: UPDATE_DOCS=1 tests/run unit   and review the difference."
        );
    }

    private static int FirstDifference(string expected, string found) =>
        1 + expected.Split('\n').Zip(found.Split('\n')).TakeWhile(lines => lines.First == lines.Second).Count();
}
