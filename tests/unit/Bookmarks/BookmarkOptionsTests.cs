using CsCheck;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.Grains.Bookmarks;
using Xunit;

namespace GlueOrleans.Tests.Unit.Bookmarks;

public sealed class BookmarkOptionsTests
{
    private const string From = "--job-bookmark-from";
    private const string To = "--job-bookmark-to";
    private const string Option = "--job-bookmark-option";
    private const string Legacy = "--continuation-option";

    [Theory]
    [InlineData(Option, "job-bookmark-enable", BookmarkMode.Enable)]
    [InlineData(Option, "job-bookmark-pause", BookmarkMode.Pause)]
    [InlineData(Option, "job-bookmark-disable", BookmarkMode.Disable)]
    [InlineData(Legacy, "continuation-enabled", BookmarkMode.Enable)]
    [InlineData(Legacy, "continuation-readonly", BookmarkMode.Pause)]
    [InlineData(Legacy, "continuation-ignore", BookmarkMode.Disable)]
    [InlineData("--other", "job-bookmark-enable", BookmarkMode.Disable)]
    public void Each_value_has_its_mode(string option, string value, BookmarkMode mode) =>
        Assert.Equal(new BookmarkOptions(mode, null, null), Parse((option, value)).Value);

    [Fact]
    public void A_run_that_says_nothing_uses_no_bookmark() =>
        Assert.Equal(new BookmarkOptions(BookmarkMode.Disable, null, null), Parse().Value);

    [Fact]
    public void The_newer_spelling_wins() =>
        Assert.Equal(
            BookmarkMode.Pause,
            Parse((Legacy, "continuation-enabled"), (Option, "job-bookmark-pause")).Value?.Mode
        );

    [Theory]
    [InlineData(Option, "job-bookmark-pause")]
    [InlineData(Legacy, "continuation-readonly")]
    public void A_pause_may_have_a_range(string option, string value) =>
        Assert.Equal(
            new BookmarkOptions(BookmarkMode.Pause, "jr_1", "jr_2"),
            Parse((option, value), (From, "jr_1"), (To, "jr_2")).Value
        );

    [Theory]
    [InlineData(Option, "JOB-BOOKMARK-ENABLE")]
    [InlineData(Option, "continuation-enabled")]
    [InlineData(Option, "")]
    [InlineData(Legacy, "job-bookmark-enable")]
    public void An_unknown_value_is_refused_with_the_known_ones(string option, string value) =>
        AssertRefused(
            $"Argument {option} '{value}' is not valid: use one of ",
            Parse((Option, "job-bookmark-enable"), (option, value))
        );

    [Theory]
    [InlineData("jr_1", null, To)]
    [InlineData("jr_1", "", To)]
    [InlineData(null, "jr_2", From)]
    [InlineData("", "", From)]
    public void Half_a_range_is_refused_with_the_end_that_is_missing(string? from, string? to, string missing) =>
        AssertRefused(
            $"Argument {missing} is missing or empty",
            Parse([(Option, "job-bookmark-pause"), .. Given(From, from), .. Given(To, to)])
        );

    [Theory]
    [InlineData("job-bookmark-enable")]
    [InlineData("job-bookmark-disable")]
    public void A_range_without_pause_is_refused(string option) =>
        AssertRefused(
            "Arguments --job-bookmark-from 'jr_1' and --job-bookmark-to 'jr_2' are only valid with",
            Parse((Option, option), (From, "jr_1"), (To, "jr_2"))
        );

    [Fact]
    public void Whatever_is_accepted_has_both_ends_or_none_and_a_range_only_with_pause() =>
        Gen.Select(
                Gen.OneOf(Option, Legacy),
                Gen.OneOf("job-bookmark-enable", "job-bookmark-pause", "continuation-readonly", "", "x"),
                Gen.OneOf(null, "", "jr_1"),
                Gen.OneOf(null, "", "jr_2")
            )
            .Sample(
                (option, value, from, to) =>
                    Parse([(option, value), .. Given(From, from), .. Given(To, to)]).Value is not { } accepted
                    || (accepted.From is null && accepted.To is null)
                    || accepted is { Mode: BookmarkMode.Pause, From: "jr_1", To: "jr_2" }
            );

    private static void AssertRefused(string message, Outcome<BookmarkOptions> outcome)
    {
        Assert.Equal(RefusalKind.InvalidInput, outcome.Refusal?.Kind);
        Assert.StartsWith(message, outcome.Refusal?.Message, StringComparison.Ordinal);
    }

    private static (string, string)[] Given(string name, string? value) => value is null ? [] : [(name, value)];

    /// <remarks>Of two values for one name, the later.</remarks>
    private static Outcome<BookmarkOptions> Parse(params (string Name, string Value)[] arguments)
    {
        var given = new Dictionary<string, string>();
        foreach (var (name, value) in arguments)
            given[name] = value;
        return BookmarkOptions.Parse(given);
    }
}
