using System.Globalization;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>A loop over the model: for each operation and each value of its request, one body per constraint that breaks it.</summary>
public sealed class Every_constraint_of_the_model_is_enforced
{
    public static TheoryData<string> Operations => [.. ShapeTable.Glue.Operations.Keys];

    [Theory, MemberData(nameof(Operations))]
    public void A_request_with_every_member_passes(string operation) =>
        Assert.Null(Requests.Validate(operation, Requests.Good(ShapeTable.Glue.Operations[operation].Input)));

    [Theory, MemberData(nameof(Operations))]
    public void An_optional_member_may_be_null_and_a_required_one_may_not(string operation)
    {
        foreach (var place in Requests.Places(operation))
        {
            if (place.Required)
                AssertViolation(
                    place,
                    null,
                    $"Value null at '{place.Path}' failed to satisfy constraint: Member must not be null"
                );
            else
                Assert.Null(place.With(null));
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public void A_value_out_of_range_is_named_with_its_bound(string operation)
    {
        foreach (var place in Requests.Places(operation).Where(place => place.Shape.Type == ShapeType.Integer))
        {
            if (place.Shape.Min is { } min)
                AssertViolation(
                    place,
                    (int)min - 1,
                    Text(place, $"{min - 1}", $"Member must have value greater than or equal to {min}")
                );
            if (place.Shape.Max is { } max)
                AssertViolation(
                    place,
                    (int)max + 1,
                    Text(place, $"{max + 1}", $"Member must have value less than or equal to {max}")
                );
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public void A_string_too_long_or_too_short_is_named_with_its_bound(string operation)
    {
        foreach (var place in Requests.Places(operation).Where(place => place.Shape.Type == ShapeType.String))
        {
            if (place.Shape.Min is > 0 and var min)
            {
                var tooShort = new string('a', (int)min - 1);
                AssertViolation(
                    place,
                    tooShort,
                    Text(place, tooShort, $"Member must have length greater than or equal to {min}")
                );
            }

            if (place.Shape.Max is { } max)
            {
                var tooLong = new string('a', (int)max + 1);
                var shown = tooLong.Length > 256 ? tooLong[..256] + "..." : tooLong;
                AssertViolation(
                    place,
                    tooLong,
                    Text(place, shown, $"Member must have length less than or equal to {max}")
                );
            }
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public void A_list_or_map_of_the_wrong_size_is_named_with_its_bound(string operation)
    {
        foreach (
            var place in Requests.Places(operation).Where(place => place.Shape.Type is ShapeType.List or ShapeType.Map)
        )
        {
            if (place.Shape.Min is > 0 and var min)
                AssertViolation(
                    place,
                    Aggregate(place.Shape, 0),
                    $"at '{place.Path}' failed to satisfy constraint: Member must have length greater than or equal to {min}"
                );
            if (place.Shape.Max is { } max)
                AssertViolation(
                    place,
                    Aggregate(place.Shape, (int)max + 1),
                    $"at '{place.Path}' failed to satisfy constraint: Member must have length less than or equal to {max}"
                );
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public void A_value_outside_an_enum_is_answered_with_the_values(string operation)
    {
        foreach (var place in Requests.Places(operation).Where(place => place.Shape.Enum is not null))
            AssertViolation(
                place,
                "nothing",
                Text(place, "nothing", $"Member must satisfy enum value set: [{string.Join(", ", place.Shape.Enum!)}]")
            );
    }

    [Theory, MemberData(nameof(Operations))]
    public void A_value_that_misses_a_pattern_is_answered_with_it(string operation)
    {
        foreach (var place in Requests.Places(operation).Where(place => place.Shape.Pattern is not null))
        {
            // No pattern of the model lets U+0000 and a line break pass.
            AssertViolation(
                place,
                "\0\n",
                $"Member must satisfy regular expression pattern: {place.Shape.Pattern!.Text}"
            );
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public void Keys_of_a_map_are_held_to_their_shape(string operation)
    {
        foreach (var place in Requests.Places(operation).Where(place => place.Shape.Key is { IsConstrained: true }))
        {
            var key = place.Shape.Key!.Max is { } max ? new string('k', (int)max + 1) : "not a node!";
            var map = new JsonObject { [key] = Requests.Good(place.Shape.Item!) };
            AssertViolation(
                place,
                map,
                $"at '{place.Path}' failed to satisfy constraint: Map keys must satisfy constraint: [Member must "
            );
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public void A_value_of_the_wrong_type_is_a_SerializationException(string operation)
    {
        foreach (var place in Requests.Places(operation))
        {
            var (value, text) = place.Shape.Type switch
            {
                ShapeType.String => (1, "NUMBER_VALUE can not be converted to a String"),
                ShapeType.Integer => ("1", "STRING_VALUE can not be converted to an Integer"),
                ShapeType.Double => ("1", "STRING_VALUE can not be converted to a Double"),
                ShapeType.Boolean => ("true", "STRING_VALUE can not be converted to a Boolean"),
                ShapeType.List => ("[]", "STRING_VALUE can not be converted to a List"),
                ShapeType.Map => (true, "TRUE_VALUE can not be converted to a Map"),
                _ => ((JsonNode)new JsonArray(), "START_ARRAY can not be converted to a Structure"),
            };
            Assert.Equal(AwsErrors.Serialization(text), place.With(value));
        }
    }

    private static void AssertViolation(Place place, JsonNode? value, string text)
    {
        var error = place.With(value);
        Assert.NotNull(error);
        Assert.Equal("ValidationException", error.Code);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    private static string Text(Place place, string shown, string constraint) =>
        $"Value '{shown}' at '{place.Path}' failed to satisfy constraint: {constraint}";

    private static JsonNode Aggregate(Shape shape, int count) =>
        shape.Type == ShapeType.List
            ? new JsonArray([.. Enumerable.Range(0, count).Select(_ => (JsonNode?)Requests.Good(shape.Item!))])
            : new JsonObject(
                Enumerable
                    .Range(0, count)
                    .Select(i =>
                        KeyValuePair.Create(
                            i.ToString(CultureInfo.InvariantCulture),
                            (JsonNode?)Requests.Good(shape.Item!)
                        )
                    )
            );
}
