using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Tests.FuzzSuite.Cases;

/// <summary>A request that breaks one constraint of the model and satisfies all others.</summary>
/// <param name="Operation">Whose request it is.</param>
/// <param name="Kind">Of the constraint: <c>max length</c>.</param>
/// <param name="Body">The request.</param>
/// <param name="Code">What it has to be answered with.</param>
/// <param name="Says">What the message has to say: for a violation the member's path and the constraint.</param>
internal sealed record BrokenRequest(string Operation, string Kind, byte[] Body, string Code, string Says);

/// <summary>For each value in a valid request, one request per constraint on it, which breaks that.</summary>
internal static class BrokenRequests
{
    private const string Validation = "ValidationException";
    private const string Serialization = "SerializationException";

    /// <summary>Escapes would make the longest texts too large for a request.</summary>
    private static readonly JsonSerializerOptions Unescaped = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="operation">Its input is walked through, to the last member.</param>
    /// <param name="random">Of the valid request to begin with.</param>
    public static IEnumerable<BrokenRequest> Of(OperationModel operation, Random random)
    {
        var valid = new ValidRequests(random, isFull: true);
        var request = valid.Of(operation);
        foreach (var place in PlacesIn(operation.Input, request, "", []))
        {
            foreach (var broken in BrokenAt(place, valid))
            {
                yield return new BrokenRequest(
                    operation.Name,
                    broken.Kind,
                    JsonSerializer.SerializeToUtf8Bytes<JsonNode>(broken.Put(request), Unescaped),
                    broken.Code,
                    broken.Says
                );
            }
        }
    }

    /// <summary>A value in a request, and how to get there: by names of members and numbers of items.</summary>
    private sealed record Place(Shape Shape, string Path, object[] Steps, bool Required, JsonNode Value)
    {
        /// <summary>A copy of the request with another value here.</summary>
        public JsonObject With(JsonObject request, JsonNode? value)
        {
            var (copy, parent) = Copy(request);
            if (Steps[^1] is int index)
                parent[index] = value;
            else
                parent[(string)Steps[^1]] = value;
            return copy;
        }

        /// <summary>A copy without the member.</summary>
        public JsonObject Without(JsonObject request)
        {
            var (copy, parent) = Copy(request);
            parent.AsObject().Remove((string)Steps[^1]);
            return copy;
        }

        private (JsonObject Copy, JsonNode Parent) Copy(JsonObject request)
        {
            var copy = request.DeepClone().AsObject();
            JsonNode parent = copy;
            foreach (var step in Steps[..^1])
                parent = (step is int index ? parent[index] : parent[(string)step])!;
            return (copy, parent);
        }
    }

    private readonly record struct Broken(string Kind, Func<JsonObject, JsonObject> Put, string Code, string Says);

    private static IEnumerable<Place> PlacesIn(Shape shape, JsonNode value, string path, object[] steps)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        IEnumerable<Place> inside = shape.Type switch
        {
            ShapeType.Structure => shape.Members.Select(member => new Place(
                member.Shape,
                prefix + member.PathName,
                [.. steps, member.Name],
                member.Required,
                value[member.Name]!
            )),
            ShapeType.List => value
                .AsArray()
                .Take(2)
                .Select((item, i) => new Place(shape.Item!, $"{prefix}{i + 1}.member", [.. steps, i], true, item!)),
            ShapeType.Map => value
                .AsObject()
                .Take(1)
                .Select(entry => new Place(
                    shape.Item!,
                    $"{prefix}{EchoedValue.Of(entry.Key)}.member",
                    [.. steps, entry.Key],
                    true,
                    entry.Value!
                )),
            _ => [],
        };
        foreach (var place in inside)
        {
            yield return place;
            foreach (var deeper in PlacesIn(place.Shape, place.Value, place.Path, place.Steps))
                yield return deeper;
        }
    }

    private static IEnumerable<Broken> BrokenAt(Place place, ValidRequests valid)
    {
        var shape = place.Shape;
        if (place.Required)
        {
            yield return Violation(place, "required, null", null, "Member must not be null");
            if (place.Steps[^1] is string && !IsEntry(place))
            {
                yield return new Broken(
                    "required, absent",
                    place.Without,
                    Validation,
                    $"Value null at '{place.Path}' failed to satisfy constraint: Member must not be null"
                );
            }
        }

        var inShape = shape.Type switch
        {
            ShapeType.String => OfText(place),
            ShapeType.Integer => OfInteger(place),
            ShapeType.List or ShapeType.Map => OfSize(place, valid),
            _ => [],
        };
        foreach (var broken in inShape.Concat(OfType(place)))
            yield return broken;
    }

    /// <summary>An entry of a map cannot be absent: then there is none.</summary>
    private static bool IsEntry(Place place) => place.Path.EndsWith(".member", StringComparison.Ordinal);

    private static IEnumerable<Broken> OfText(Place place)
    {
        var shape = place.Shape;
        if (shape.Min is > 0 and var min)
        {
            yield return Violation(
                place,
                "min length",
                new string('a', (int)min - 1),
                $"Member must have length greater than or equal to {min}"
            );
        }

        if (shape.Max is { } max)
        {
            var text = $"Member must have length less than or equal to {max}";
            yield return Violation(place, "max length", new string('a', (int)max + 1), text);
            // Lengths are in code points, not in bytes, and not in halves of pairs, which would be too large escaped.
            var letter = max <= 10_000 ? "\U0001F600" : "\u00e9";
            yield return Violation(place, "max length", string.Concat(Enumerable.Repeat(letter, (int)max + 1)), text);
        }

        if (shape.Enum is { } values)
        {
            foreach (var other in new[] { "nothing", "", values[0] + " ", values[0].ToUpperInvariant() + "X" })
            {
                yield return Violation(
                    place,
                    "enum",
                    other,
                    $"Member must satisfy enum value set: [{string.Join(", ", values)}]"
                );
            }
        }

        if (shape.Pattern is { } pattern)
        {
            foreach (var miss in Texts.OfPatterns[pattern.Text].Misses)
                yield return Violation(
                    place,
                    "pattern",
                    miss,
                    $"Member must satisfy regular expression pattern: {pattern.Text}"
                );
        }
    }

    private static IEnumerable<Broken> OfInteger(Place place)
    {
        foreach (var below in place.Shape.Min is { } min ? new[] { min - 1, int.MinValue } : [])
        {
            yield return Violation(
                place,
                "min value",
                (int)below,
                $"Member must have value greater than or equal to {place.Shape.Min}"
            );
        }

        foreach (var above in place.Shape.Max is { } max ? new[] { max + 1, int.MaxValue } : [])
        {
            yield return Violation(
                place,
                "max value",
                (int)above,
                $"Member must have value less than or equal to {place.Shape.Max}"
            );
        }
    }

    private static IEnumerable<Broken> OfSize(Place place, ValidRequests valid)
    {
        var shape = place.Shape;
        if (shape.Min is > 0 and var min)
        {
            yield return Violation(
                place,
                "min size",
                Aggregate(shape, (int)min - 1, valid),
                $"Member must have length greater than or equal to {min}"
            );
        }

        if (shape.Max is { } max)
        {
            yield return Violation(
                place,
                "max size",
                Aggregate(shape, (int)max + 1, valid),
                $"Member must have length less than or equal to {max}"
            );
        }

        if (shape is not { Type: ShapeType.Map, Key: { IsConstrained: true } key })
            yield break;
        foreach (var (bad, says) in BadKeys(key))
        {
            yield return Violation(
                place,
                "map key",
                new JsonObject { [bad] = valid.Value(shape.Item!) },
                $"Map keys must satisfy constraint: [{says}"
            );
        }
    }

    private static IEnumerable<(string Key, string Says)> BadKeys(Shape key)
    {
        if (key.Min is > 0 and var min)
            yield return (new string('k', (int)min - 1), $"Member must have length greater than or equal to {min}");
        if (key.Max is { } max)
            yield return (new string('k', (int)max + 1), $"Member must have length less than or equal to {max}");
        if (key.Pattern is { } pattern)
        {
            foreach (var miss in Texts.OfPatterns[pattern.Text].Misses)
                yield return (miss, $"Member must satisfy regular expression pattern: {pattern.Text}");
        }
    }

    /// <summary>Every type of JSON that is not the shape's.</summary>
    private static IEnumerable<Broken> OfType(Place place)
    {
        var (type, isRight) = place.Shape.Type switch
        {
            ShapeType.String => ("a String", (Func<string, bool>)(token => token == "STRING_VALUE")),
            ShapeType.Integer => ("an Integer", _ => false),
            ShapeType.Double or ShapeType.Timestamp => ("a Double", token => token == "NUMBER_VALUE"),
            ShapeType.Boolean => ("a Boolean", token => token is "TRUE_VALUE" or "FALSE_VALUE"),
            ShapeType.List => ("a List", token => token == "START_ARRAY"),
            ShapeType.Map => ("a Map", token => token == "START_OBJECT"),
            _ => ("a Structure", token => token == "START_OBJECT"),
        };
        (string Token, Func<JsonNode> Make)[] values =
        [
            ("STRING_VALUE", () => "1"),
            ("NUMBER_VALUE", () => 1.5),
            ("NUMBER_VALUE", () => 2147483648L),
            ("TRUE_VALUE", () => true),
            ("FALSE_VALUE", () => false),
            ("START_ARRAY", () => new JsonArray(1)),
            ("START_OBJECT", () => new JsonObject { ["x"] = 1 }),
        ];
        foreach (var (token, make) in values.Where(value => !isRight(value.Token)))
        {
            yield return new Broken(
                "type",
                request => place.With(request, make()),
                Serialization,
                $"{token} can not be converted to {type}"
            );
        }
    }

    private static Broken Violation(Place place, string kind, JsonNode? value, string constraint) =>
        new(
            kind,
            request => place.With(request, value?.DeepClone()),
            Validation,
            $"at '{place.Path}' failed to satisfy constraint: {constraint}"
        );

    private static JsonNode Aggregate(Shape shape, int count, ValidRequests valid)
    {
        if (shape.Type == ShapeType.List)
            return new JsonArray([.. Enumerable.Range(0, count).Select(_ => (JsonNode?)valid.Value(shape.Item!))]);
        var map = new JsonObject();
        for (var i = 0; map.Count < count; i++)
            map[$"k{i}"] = valid.Value(shape.Item!);
        return map;
    }
}
