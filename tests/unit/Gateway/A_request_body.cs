using System.Text;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>The texts and the edges of validation, by example.</summary>
public sealed class A_request_body
{
    private const string SingleLine = @"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*";

    [Fact]
    public void With_one_violation_is_answered_with_the_sentence_clients_know()
    {
        var name = new string('n', 256);
        Assert.Equal(
            AwsErrors.Validation(
                $"1 validation error detected: Value '{name}' at 'jobName' failed to satisfy constraint: "
                    + "Member must have length less than or equal to 255"
            ),
            Requests.Validate("GetJob", $$"""{"JobName":"{{name}}"}""")
        );
    }

    [Fact]
    public void With_several_violations_lists_them_all()
    {
        Assert.Equal(
            "2 validation errors detected: Value '0' at 'timeout' failed to satisfy constraint: Member must have value "
                + "greater than or equal to 1; Value null at 'jobName' failed to satisfy constraint: Member must not be null",
            Requests.Validate("StartJobRun", """{"Timeout":0}""")?.Message
        );
    }

    [Fact]
    public void With_too_many_list_items_shows_the_beginning_of_the_list()
    {
        var ids = string.Join(',', Enumerable.Range(0, 26).Select(i => $"\"jr_{i}\""));
        var error = Requests.Validate("BatchStopJobRun", $$"""{"JobName":"j","JobRunIds":[{{ids}}]}""");
        Assert.StartsWith(
            "1 validation error detected: Value '[jr_0, jr_1, ",
            error?.Message,
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "' at 'jobRunIds' failed to satisfy constraint: Member must have length less than or equal to 25",
            error?.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void With_thousands_of_violations_gets_a_short_answer()
    {
        var names = string.Join(',', Enumerable.Repeat("\"\"", 5000));
        var error = Requests.Validate("BatchGetJobs", $$"""{"JobNames":[{{names}}]}""");
        Assert.StartsWith("5000 validation errors detected: ", error?.Message, StringComparison.Ordinal);
        Assert.Contains("'jobNames.20.member'", error?.Message, StringComparison.Ordinal);
        Assert.EndsWith("; and 4980 more", error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_thousands_of_violations_costs_little_for_each()
    {
        var names = string.Join(',', Enumerable.Repeat("\"\"", 100_000));
        var body = Encoding.UTF8.GetBytes($$"""{"JobNames":[{{names}}]}""");
        Requests.Validate("BatchGetJobs", body);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Requests.Validate("BatchGetJobs", body);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50L * body.Length);
    }

    [Theory]
    [InlineData("""{"JobName":"","JobName":"good"}""", true)]
    [InlineData("""{"JobName":"good","JobName":""}""", false)]
    [InlineData("""{"JobName":"good","JobName":null}""", false)]
    [InlineData("""{"JobName":"j","Arguments":{"a":null,"a":"x"}}""", true)]
    [InlineData("""{"JobName":"j","NotificationProperty":{"NotifyDelayAfter":0},"NotificationProperty":{}}""", true)]
    public void With_a_duplicate_key_is_judged_by_the_last_one(string body, bool passes) =>
        Assert.Equal(passes, Requests.Validate("StartJobRun", body) is null);

    [Fact]
    public void With_an_escaped_member_name_is_read_like_any_other() =>
        Assert.Equal("ValidationException", Requests.Validate("GetJob", """{"\u004aobName":""}""")?.Code);

    [Theory]
    [InlineData("2147483648")]
    [InlineData("-2147483649")]
    [InlineData("1.5")]
    [InlineData("1e400")]
    public void With_a_number_that_is_no_int32_is_refused(string number) =>
        Assert.Equal(
            AwsErrors.Serialization("NUMBER_VALUE can not be converted to an Integer"),
            Requests.Validate("StartJobRun", $$"""{"JobName":"j","NumberOfWorkers":{{number}}}""")
        );

    [Fact]
    public void With_a_double_that_overflows_is_refused() =>
        Assert.Equal(
            AwsErrors.Serialization("NUMBER_VALUE can not be converted to a Double"),
            Requests.Validate("StartJobRun", """{"JobName":"j","MaxCapacity":1e400}""")
        );

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{}x")]
    [InlineData("{\"JobName\":\"j\",}")]
    [InlineData("{'JobName':'j'}")]
    [InlineData("{/*c*/}")]
    [InlineData("""{"JobName":"\ud800"}""")]
    [InlineData("""{"JobName":"\ude00\ud83d"}""")]
    [InlineData("""{"JobName":"j","Unknown\ud800":1}""")]
    [InlineData("""{"JobName":"j","Arguments":{"\udc00":"x"}}""")]
    [InlineData("""{"JobName":"j","Arguments":{"x":"\udc00"}}""")]
    public void That_is_not_a_JSON_object_of_Unicode_text_is_a_SerializationException(string body) =>
        Assert.Equal("SerializationException", Requests.Validate("StartJobRun", body)?.Code);

    [Fact]
    public void That_is_not_UTF8_is_a_SerializationException()
    {
        byte[] body = [.. "{\"JobName\":\"j\",\"Unknown\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        Assert.Equal("SerializationException", Requests.Validate("GetJob", body)?.Code);
    }

    [Theory]
    [InlineData("{\"JobName\":\"j\",\"Unknown\":", 100_000)]
    [InlineData("{\"JobName\":\"j\",\"Unknown\":", 64)]
    public void That_is_nested_too_deeply_is_a_SerializationException(string start, int depth)
    {
        var body = start + new string('[', depth) + new string(']', depth) + "}";
        Assert.Equal("SerializationException", Requests.Validate("GetJob", body)?.Code);
    }

    [Theory]
    [InlineData(40, true)]
    [InlineData(50, false)]
    public void With_an_opaque_value_may_nest_as_deep_as_stored_jobs_can_be_read(int depth, bool passes)
    {
        var nodes = "{\"n\":{\"x\":" + new string('[', depth) + new string(']', depth) + "}}";
        var error = Requests.Validate(
            "UpdateJob",
            $$$"""{"JobName":"j","JobUpdate":{"CodeGenConfigurationNodes":{{{nodes}}}}}"""
        );
        Assert.Equal(passes, error is null);
    }

    [Fact]
    public void With_unknown_members_passes() =>
        Assert.Null(Requests.Validate("GetJob", """{"JobName":"j","Newer":{"a":[1,2,{"b":null}]},"jobName":5}"""));

    [Fact]
    public void With_a_name_of_255_characters_outside_the_BMP_passes()
    {
        var name = string.Concat(Enumerable.Repeat("\U0001F600", 255));
        Assert.Null(Requests.Validate("GetJob", $$"""{"JobName":"{{name}}"}"""));
        Assert.NotNull(Requests.Validate("GetJob", $$"""{"JobName":"{{name}}x"}"""));
    }

    [Theory]
    [InlineData("two\\nlines")]
    [InlineData("ends with one\\n")]
    [InlineData("\\u0000")]
    [InlineData("\\uffff")]
    public void With_a_name_of_more_than_one_line_or_of_control_characters_is_refused(string name)
    {
        var error = Requests.Validate("GetJob", $$"""{"JobName":"{{name}}"}""");
        Assert.EndsWith(
            $"at 'jobName' failed to satisfy constraint: Member must satisfy regular expression pattern: {SingleLine}",
            error?.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("5.0", true)]
    [InlineData("5", false)]
    [InlineData("5.0\\n", false)]
    [InlineData("\\u0665.\\u0660", false)]
    public void With_a_Glue_version_is_held_to_its_pattern_in_ASCII(string version, bool passes)
    {
        var body = $$$"""{"JobName":"j","JobUpdate":{"GlueVersion":"{{{version}}}"}}""";
        Assert.Equal(passes, Requests.Validate("UpdateJob", body) is null);
    }

    [Fact]
    public void With_worker_types_newer_than_the_model_passes() =>
        Assert.All(
            ["G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X"],
            type => Assert.Null(Requests.Validate("StartJobRun", $$"""{"JobName":"j","WorkerType":"{{type}}"}"""))
        );

    [Fact]
    public void With_a_sensitive_value_never_finds_it_repeated()
    {
        var error = Requests.Validate(
            "UpdateJob",
            """{"JobName":"j","JobUpdate":{"CodeGenConfigurationNodes":{"s!":{}}}}"""
        );
        Assert.Equal(
            "1 validation error detected: Value at 'jobUpdate.codeGenConfigurationNodes' failed to satisfy constraint: "
                + "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [A-Za-z0-9_-]*]",
            error?.Message
        );
    }

    [Fact]
    public void Cut_anywhere_is_never_more_than_a_SerializationException()
    {
        var body = Encoding.UTF8.GetBytes(Requests.Good(ShapeTable.Glue.Operations["CreateJob"].Input).ToJsonString());
        for (var length = 0; length < body.Length; length++)
            Assert.Equal("SerializationException", Requests.Validate("CreateJob", body[..length])?.Code);
    }
}
