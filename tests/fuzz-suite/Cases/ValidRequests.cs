using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Tests.FuzzSuite.Cases;

/// <summary>Requests that satisfy every constraint of the model, at random: often at a bound, often with members left out.</summary>
/// <param name="random">Decides.</param>
/// <param name="isFull">Every member is there, and every list and map has an entry.</param>
internal sealed class ValidRequests(Random random, bool isFull = false)
{
    private const int LongestFreeText = 40;
    private const int LargestFreeList = 4;
    private const int SeldomLonger = 3000;

    /// <summary>Values that mean something together: half of the requests are to get past the rules that come after the
    /// model's, and to be about what there is.</summary>
    private static readonly Dictionary<(string Shape, string Member), string[]> Meaningful = new()
    {
        [("NameString", "Name")] = ["job", "job2", "small"],
        [("NameString", "JobName")] = ["job", "job2"],
        [("NameString", "JobNames")] = ["job", "job2", "none"],
        [("JobName", "JobName")] = ["job", "job2"],
        [("GenericString", "Name")] = ["glueetl", "pythonshell", "gluestreaming", "glueray"],
        [("ScriptLocationString", "ScriptLocation")] =
        [
            "/nowhere/job.py",
            "s3://bucket/job.py",
            "file:///nowhere/job.py",
        ],
        [("NameString", "JobConfiguration")] =
        [
            "numberOfWorkers",
            "workerType",
            "timeout",
            "maxCapacity",
            "maxRetries",
        ],
        [("ConfigValueString", "DefaultValue")] = ["1", "10", "G.1X"],
        [("ConfigValueString", "MinValue")] = ["1", "0", "-1", "1e3", "99999999999999999999999999999999999999"],
        [("ConfigValueString", "MaxValue")] = ["10", "9223372036854775808", "1.5"],
    };

    private static readonly double[] Doubles =
    [
        0.0625,
        1,
        2,
        10,
        0,
        -0.0,
        -1,
        0.1,
        1e308,
        -1e308,
        5e-324,
        123456789.125,
    ];
    private static readonly long[] Integers =
    [
        0,
        1,
        2,
        10,
        11,
        100,
        2880,
        10079,
        10080,
        -1,
        int.MinValue,
        int.MaxValue,
    ];

    public JsonObject Of(OperationModel operation) => Structure(operation.Input);

    public JsonNode Value(Shape shape, string member = "") =>
        shape.Type switch
        {
            ShapeType.String => JsonValue.Create(Text(shape, member)),
            ShapeType.Integer => JsonValue.Create((int)Integer(shape)),
            ShapeType.Double => JsonValue.Create(random.Pick(Doubles)),
            ShapeType.Boolean => JsonValue.Create(random.Chance(2)),
            ShapeType.Timestamp => JsonValue.Create(random.Next() / 1000.0),
            ShapeType.List => new JsonArray([
                .. Enumerable.Range(0, Count(shape)).Select(_ => (JsonNode?)Value(shape.Item!, member)),
            ]),
            ShapeType.Map => Map(shape, member),
            ShapeType.Structure => Structure(shape),
            _ => Opaque(depth: 0),
        };

    public string Text(Shape shape, string member = "")
    {
        if (shape.Enum is { } values)
            return random.Pick(values);
        if (!isFull && random.Chance(2) && Meaningful.TryGetValue((shape.Name, member), out var meaningful))
            return random.Pick(meaningful);
        if (shape.Pattern is { } pattern && Texts.OfPatterns[pattern.Text].Hits is { Length: > 0 } hits)
            return random.Pick(hits);
        if (shape.Pattern is null && shape.Min is null && random.Chance(3))
            return Within(shape, Texts.Awkward(random));
        return Texts.Of(random, Bounded(shape, LongestFreeText));
    }

    private JsonObject Structure(Shape shape)
    {
        var value = new JsonObject();
        foreach (var member in shape.Members)
        {
            if (member.Required || isFull || random.Chance(2))
                value[member.Name] = Value(member.Shape, member.Name);
            else if (random.Chance(8))
                value[member.Name] = null;
        }

        return value;
    }

    private JsonObject Map(Shape shape, string member)
    {
        var map = new JsonObject();
        for (var entries = Count(shape); entries > 0; entries--)
            map[Text(shape.Key!, member)] = Value(shape.Item!);
        return map;
    }

    private JsonObject Opaque(int depth)
    {
        var value = new JsonObject();
        for (var members = random.Next(3); members > 0; members--)
        {
            value[Texts.Awkward(random)] = random.Next(depth < 3 ? 5 : 3) switch
            {
                0 => null,
                1 => random.Pick(Doubles),
                2 => Texts.Awkward(random),
                3 => new JsonArray(Opaque(depth + 1)),
                _ => Opaque(depth + 1),
            };
        }

        return value;
    }

    private long Integer(Shape shape)
    {
        var (min, max) = (shape.Min ?? int.MinValue, shape.Max ?? int.MaxValue);
        var value = random.Next(4) switch
        {
            0 => min,
            1 => max,
            _ => random.Pick(Integers),
        };
        return Math.Clamp(value, min, max);
    }

    /// <summary>Of a text or of a list: at a bound, or somewhere near the lower one.</summary>
    private int Bounded(Shape shape, int most)
    {
        var min = (int)(shape.Min ?? 0);
        return random.Next(8) switch
        {
            0 => min,
            1 when shape.Max is { } max && (max <= SeldomLonger || random.Chance(20)) => (int)max,
            _ => random.Next(Math.Max(min, 1), (int)Math.Min(shape.Max ?? int.MaxValue, min + most) + 1),
        };
    }

    private int Count(Shape shape) => Math.Max(Bounded(shape, LargestFreeList), isFull ? 1 : 0);

    private static string Within(Shape shape, string text) =>
        shape.Max is { } max && text.Length > max ? new string('x', (int)max) : text;
}
