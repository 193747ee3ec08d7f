using GlueOrleans.GrainInterfaces;
using GlueOrleans.Grains.Tags;
using Xunit;

namespace GlueOrleans.Tests.Unit.Tags;

public sealed class TagRulesTests
{
    private static readonly Dictionary<string, string> Two = new() { ["a"] = "1", ["b"] = "2" };

    [Fact]
    public void An_added_tag_takes_the_place_of_one_with_the_same_key_and_case_matters()
    {
        var all = TagRules.Add(Two, new Dictionary<string, string> { ["b"] = "3", ["B"] = "" }).Value!;
        Assert.Equal("a=1 b=3 B=", string.Join(' ', all.Select(tag => $"{tag.Key}={tag.Value}")));
        Assert.Equal("2", Two["b"]);
    }

    [Fact]
    public void Removing_leaves_the_other_tags_whether_the_key_was_there_or_not() =>
        Assert.Equal(["a"], TagRules.Remove(Two, ["b", "none", "A"]).Keys);

    [Theory]
    [InlineData("aws")]
    [InlineData("aws:cloudformation:stack-name")]
    [InlineData("AWS-team")]
    [InlineData("awsome")]
    public void A_reserved_key_is_refused_by_its_name(string key)
    {
        var refused = TagRules.Add(Two, new Dictionary<string, string> { ["fine"] = "", [key] = "" }).Refusal;
        Assert.Equal(RefusalKind.InvalidInput, refused?.Kind);
        Assert.Contains($"'{key}'", refused!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fifty_tags_are_allowed_in_all_and_replacing_one_adds_none()
    {
        var fifty = Enumerable.Range(0, TagRules.MostTags).ToDictionary(i => $"key-{i}", _ => "");

        Assert.False(TagRules.Add(fifty, new Dictionary<string, string> { ["key-7"] = "new" }).IsRefused);
        var refused = TagRules.Add(fifty, new Dictionary<string, string> { ["one more"] = "" }).Refusal;
        Assert.Contains("51", refused!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_are_the_same_in_any_order()
    {
        Assert.True(TagRules.AreSame(Two, new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }));
        Assert.False(TagRules.AreSame(Two, new Dictionary<string, string> { ["b"] = "2", ["a"] = "" }));
        Assert.False(TagRules.AreSame(Two, new Dictionary<string, string> { ["b"] = "2", ["c"] = "1" }));
        Assert.False(TagRules.AreSame(Two, new Dictionary<string, string> { ["a"] = "1" }));
    }
}
