using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Tests.Unit.Gateway.Support;

/// <summary>Bodies made from the service model: good ones, and good ones with one value replaced.</summary>
internal static class Requests
{
    /// <summary>Strings that satisfy a pattern of the model, which no generic rule could find.</summary>
    private static readonly Dictionary<string, string> Matching = new(StringComparer.Ordinal)
    {
        [@"^(\w+\.)+\w+$"] = "5.0",
        ["^([2-3]|3[.]9)$"] = "3",
        ["^(Sun|Mon|Tue|Wed|Thu|Fri|Sat):([01]?[0-9]|2[0-3])$"] = "Sun:10",
        ["^$|arn:aws[a-z0-9-]*:kms:.*"] = "arn:aws:kms:us-east-1:000000000000:key/k",
        ["arn:aws(-(cn|us-gov|iso(-[bef])?))?:glue:.*"] = "arn:aws:glue:us-east-1:000000000000:job/job",
    };

    /// <summary>A value with every member and one entry in every list and map.</summary>
    public static JsonNode Good(Shape shape) =>
        shape.Type switch
        {
            ShapeType.String => JsonValue.Create(GoodText(shape)),
            ShapeType.Integer => JsonValue.Create((int)(shape.Min ?? 1)),
            ShapeType.Double => JsonValue.Create(0.0625),
            ShapeType.Boolean => JsonValue.Create(true),
            ShapeType.Timestamp => JsonValue.Create(1602873931.255),
            ShapeType.List => new JsonArray(Good(shape.Item!)),
            ShapeType.Map => new JsonObject { [GoodText(shape.Key!)] = Good(shape.Item!) },
            ShapeType.Structure => new JsonObject(
                shape.Members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)Good(member.Shape)))
            ),
            _ => new JsonObject { ["Any"] = new JsonArray(1, "two", null) },
        };

    public static AwsError? Validate(string operation, string json) =>
        Validate(operation, Encoding.UTF8.GetBytes(json));

    public static AwsError? Validate(string operation, byte[] json) =>
        ShapeValidator.Validate(json, ShapeTable.Glue.Operations[operation].Input);

    public static AwsError? Validate(string operation, JsonNode json) =>
        Validate(operation, JsonSerializer.SerializeToUtf8Bytes(json));

    /// <summary>Every place in an operation's input: its shape, its path in an error, and how to put another value there.</summary>
    public static IEnumerable<Place> Places(string operation)
    {
        var input = ShapeTable.Glue.Operations[operation].Input;
        return Inside(input, "", root => root);

        IEnumerable<Place> Inside(Shape shape, string path, Func<JsonNode, JsonNode> find)
        {
            var prefix = path.Length == 0 ? "" : path + ".";
            switch (shape.Type)
            {
                case ShapeType.Structure:
                    foreach (var member in shape.Members)
                    {
                        var place = new Place(
                            operation,
                            member.Shape,
                            prefix + member.PathName,
                            member.Required,
                            (root, value) => find(root)[member.Name] = value
                        );
                        yield return place;
                        foreach (var inner in Inside(member.Shape, place.Path, root => find(root)[member.Name]!))
                            yield return inner;
                    }

                    break;
                case ShapeType.List:
                    yield return new Place(
                        operation,
                        shape.Item!,
                        prefix + "1.member",
                        Required: true,
                        (root, value) => find(root)[0] = value
                    );
                    foreach (var inner in Inside(shape.Item!, prefix + "1.member", root => find(root)[0]!))
                        yield return inner;
                    break;
                case ShapeType.Map:
                    var key = GoodText(shape.Key!);
                    yield return new Place(
                        operation,
                        shape.Item!,
                        $"{prefix}{key}.member",
                        Required: true,
                        (root, value) => find(root)[key] = value
                    );
                    foreach (var inner in Inside(shape.Item!, $"{prefix}{key}.member", root => find(root)[key]!))
                        yield return inner;
                    break;
            }
        }
    }

    private static string GoodText(Shape shape)
    {
        if (shape.Enum is { } values)
            return values[0];
        if (shape.Pattern is { } pattern && Matching.TryGetValue(pattern.Text, out var matching))
            return matching;
        return new string('a', (int)Math.Max(shape.Min ?? 1, 1));
    }
}

/// <summary>One value in the request of an operation.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Shape">The value's.</param>
/// <param name="Path">As a violation names it.</param>
/// <param name="Required">Whether <c>null</c> is a violation there.</param>
/// <param name="Put">Puts a value there, in a good request.</param>
internal sealed record Place(string Operation, Shape Shape, string Path, bool Required, Action<JsonNode, JsonNode?> Put)
{
    /// <summary>What the validator says about a good request with this value here.</summary>
    public AwsError? With(JsonNode? value)
    {
        var request = Requests.Good(ShapeTable.Glue.Operations[Operation].Input);
        Put(request, value);
        return Requests.Validate(Operation, request);
    }
}
