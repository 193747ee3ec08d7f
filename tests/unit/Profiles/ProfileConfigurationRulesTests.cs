using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.Grains.Profiles;
using Xunit;

namespace GlueOrleans.Tests.Unit.Profiles;

public sealed class ProfileConfigurationRulesTests
{
    [Theory]
    [InlineData("numberOfWorkers", "4", "2", "10")]
    [InlineData("numberOfWorkers", "2", "2", "2")]
    [InlineData("timeout", null, "10", null)]
    [InlineData("timeout", "9", null, "10")]
    [InlineData("maxCapacity", "0.0625", "0.0625", "1")]
    [InlineData("workerType", "G.1X", null, null)]
    [InlineData("somethingNewer", "text", null, null)]
    [InlineData("somethingNewer", "-1.5", "-2", "0")]
    public void A_configuration_that_allows_its_own_default_is_accepted(
        string key,
        string? value,
        string? min,
        string? max
    ) => Assert.Null(Problem(key, Limits(value, min, max)));

    [Theory]
    [InlineData("numberOfWorkers", null, "11", "10", "MinValue 11 above MaxValue 10")]
    [InlineData("numberOfWorkers", "11", "2", "10", "DefaultValue 11, but allows from 2 to 10")]
    [InlineData("numberOfWorkers", "1", "2", null, "DefaultValue 1, but allows at least 2")]
    [InlineData("timeout", "many", null, null, "'many'")]
    [InlineData("timeout", "0", null, null, "at least 1")]
    [InlineData("timeout", "1.5", null, null, "a whole number")]
    [InlineData("timeout", null, "-5", null, "'-5'")]
    [InlineData("idleTimeout", null, null, "G.1X", "'G.1X'")]
    [InlineData("maxCapacity", "much", null, null, "give a number")]
    [InlineData("workerType", null, "1", null, "use AllowedValues")]
    [InlineData("somethingNewer", null, "low", null, "'low'")]
    public void A_configuration_that_means_nothing_is_refused_with_key_and_value(
        string key,
        string? value,
        string? min,
        string? max,
        string says
    )
    {
        var problem = Problem(key, Limits(value, min, max));
        Assert.StartsWith($"JobConfiguration: {key} ", problem, StringComparison.Ordinal);
        Assert.Contains(says, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_has_to_be_one_of_the_allowed_values()
    {
        Assert.Null(Problem("workerType", Limits("G.2X", allowed: ["G.1X", "G.2X"])));
        Assert.Contains(
            "DefaultValue G.8X, but allows one of G.1X, G.2X",
            Problem("workerType", Limits("G.8X", allowed: ["G.1X", "G.2X"])),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'two'",
            Problem("numberOfWorkers", Limits(null, allowed: ["1", "two"])),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_configuration_of_sessions_is_checked_as_well()
    {
        var problem = ProfileConfigurationRules.Problem(
            new ProfileConfiguration
            {
                SessionConfiguration = new Dictionary<string, ConfigurationObject>
                {
                    ["idleTimeout"] = Limits(null, "2", "1"),
                },
            }
        );
        Assert.StartsWith("SessionConfiguration: idleTimeout", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10", true)]
    [InlineData("9", false)] // as text it would come last
    [InlineData("100", false)]
    [InlineData("a", false)]
    public void Numbers_are_compared_as_numbers(string value, bool isAllowed) =>
        Assert.Equal(isAllowed, ProfileConfigurationRules.Allows(Limits(null, "10", "99"), value));

    [Fact]
    public void A_number_is_the_same_however_it_is_written() =>
        Assert.True(ProfileConfigurationRules.Allows(Limits(null, allowed: ["10.0"]), "10"));

    private static string? Problem(string key, ConfigurationObject limits) =>
        ProfileConfigurationRules.Problem(
            new ProfileConfiguration
            {
                JobConfiguration = new Dictionary<string, ConfigurationObject> { [key] = limits },
            }
        );

    private static ConfigurationObject Limits(
        string? value,
        string? min = null,
        string? max = null,
        IReadOnlyList<string>? allowed = null
    ) =>
        new()
        {
            DefaultValue = value,
            MinValue = min,
            MaxValue = max,
            AllowedValues = allowed,
        };
}
