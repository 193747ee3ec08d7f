using CsCheck;
using GlueOrleans.Grains.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class ArgumentRulesTests
{
    [Theory]
    [InlineData("--JOB_NAME")]
    [InlineData("--debug")]
    [InlineData("no dashes")]
    [InlineData("--")]
    public void Odd_names_are_taken(string name) =>
        Assert.Null(ArgumentRules.Problem("Arguments", new Dictionary<string, string> { [name] = "" }));

    [Fact]
    public void No_arguments_are_no_problem() => Assert.Null(ArgumentRules.Problem("Arguments", null));

    [Theory]
    [InlineData('a', 1)]
    [InlineData('ü', 2)]
    [InlineData('語', 3)]
    public void The_limit_is_on_the_bytes_of_names_and_values(char letter, int bytes)
    {
        var fits = new Dictionary<string, string>
        {
            ["--n"] = new(letter, (ArgumentRules.MostBytes - 10) / bytes),
            ["--m"] = "",
        };
        var used = 6 + ((ArgumentRules.MostBytes - 10) / bytes * bytes);
        fits["--m"] = new string('x', ArgumentRules.MostBytes - used);

        Assert.Null(ArgumentRules.Problem("Arguments", fits));
        fits["--m"] += "x";
        Assert.Equal(
            "Arguments are 266241 bytes long, and 266240 (260 KB) is the most: "
                + "put what is long into a file, and give the script its location.",
            ArgumentRules.Problem("Arguments", fits)
        );
    }

    [Fact]
    public void Just_those_with_a_NUL_are_refused_among_short_ones() =>
        Gen.Dictionary(Gen.String[Gen.Char["ab-\0"], 0, 4], Gen.String[Gen.Char["ab \0"], 0, 4])
            .Sample(arguments =>
                (ArgumentRules.Problem("Arguments", arguments) is not null)
                == arguments.Any(a => (a.Key + a.Value).Contains('\0'))
            );
}
