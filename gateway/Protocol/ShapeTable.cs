using System.Collections.Frozen;
using System.Text.Json;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>
/// The constraint table: the operations served here and their shapes, from the embedded <c>glue-model.json</c> (the part
/// of the published model that is in scope) and <see cref="ModelDeviations"/>.
/// </summary>
internal sealed class ShapeTable
{
    private const string ResourceName = "glue-model.json";

    private ShapeTable(FrozenDictionary<string, OperationModel> operations, FrozenDictionary<string, Shape> shapes)
    {
        Operations = operations;
        Shapes = shapes;
    }

    /// <summary>The one table of the process: it depends on nothing but the embedded file.</summary>
    public static ShapeTable Glue { get; } = Load();

    public FrozenDictionary<string, OperationModel> Operations { get; }

    public FrozenDictionary<string, Shape> Shapes { get; }

    private static ShapeTable Load()
    {
        using var stream =
            typeof(ShapeTable).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {ResourceName}.");
        using var published = JsonDocument.Parse(stream);
        using var extra = JsonDocument.Parse(ModelDeviations.ExtraModel);
        JsonElement[] models = [published.RootElement, extra.RootElement];

        var definitions = models.SelectMany(model => model.GetProperty("shapes").EnumerateObject()).ToList();
        var shapes = new Dictionary<string, Shape>(StringComparer.Ordinal);
        foreach (var definition in definitions)
        {
            shapes.Add(definition.Name, Declare(definition.Name, definition.Value));
        }

        foreach (var definition in definitions)
        {
            Connect(shapes[definition.Name], definition.Value, shapes);
        }

        var operations = models
            .SelectMany(model => model.GetProperty("operations").EnumerateObject())
            .Select(operation => new OperationModel(
                operation.Name,
                shapes[Text(operation.Value, "input")],
                shapes[Text(operation.Value, "output")],
                [.. operation.Value.GetProperty("errors").EnumerateArray().Select(error => shapes[error.GetString()!])]
            ));

        return new ShapeTable(
            operations.ToFrozenDictionary(operation => operation.Name, StringComparer.Ordinal),
            shapes.ToFrozenDictionary(StringComparer.Ordinal)
        );
    }

    private static Shape Declare(string name, JsonElement definition) =>
        new(name, TypeOf(name, definition))
        {
            Min = Number(definition, "min"),
            Max = Number(definition, "max"),
            Pattern = definition.TryGetProperty("pattern", out var pattern)
                ? new JavaPattern(pattern.GetString()!)
                : null,
            Enum = EnumOf(name, definition),
            Sensitive = Flag(definition, "sensitive"),
            IsFault = Flag(definition, "fault"),
        };

    private static ShapeType TypeOf(string name, JsonElement definition) =>
        Text(definition, "type") switch
        {
            "structure" when Flag(definition, "document") => ShapeType.Opaque,
            "structure" => ShapeType.Structure,
            "list" => ShapeType.List,
            "map" => ShapeType.Map,
            "string" => ShapeType.String,
            "integer" => ShapeType.Integer,
            "double" => ShapeType.Double,
            "boolean" => ShapeType.Boolean,
            "timestamp" => ShapeType.Timestamp,
            var other => throw new InvalidOperationException(
                $"{ResourceName}: shape {name} has the unknown type {other}."
            ),
        };

    private static List<string>? EnumOf(string name, JsonElement definition)
    {
        if (!definition.TryGetProperty("enum", out var values))
            return null;
        var extra = ModelDeviations.ExtraEnumValues.GetValueOrDefault(name, []);
        return [.. values.EnumerateArray().Select(value => value.GetString()!), .. extra];
    }

    private static void Connect(Shape shape, JsonElement definition, Dictionary<string, Shape> shapes)
    {
        switch (shape.Type)
        {
            case ShapeType.List:
                shape.Item = shapes[Text(definition, "member")];
                break;
            case ShapeType.Map:
                shape.Key = shapes[Text(definition, "key")];
                shape.Item = shapes[Text(definition, "value")];
                break;
            case ShapeType.Structure:
                var required = definition.TryGetProperty("required", out var names)
                    ? names.EnumerateArray().Select(value => value.GetString()!).ToHashSet(StringComparer.Ordinal)
                    : [];
                var extra = ModelDeviations.ExtraMembers.GetValueOrDefault(shape.Name, []);
                shape.Members =
                [
                    .. definition
                        .GetProperty("members")
                        .EnumerateObject()
                        .Select(member => new ShapeMember(
                            member.Name,
                            shapes[member.Value.GetString()!],
                            required.Contains(member.Name)
                        )),
                    .. extra.Select(member => new ShapeMember(member.Member, shapes[member.Shape], required: false)),
                ];
                break;
        }
    }

    private static string Text(JsonElement definition, string property) =>
        definition.GetProperty(property).GetString()!;

    private static bool Flag(JsonElement definition, string property) =>
        definition.TryGetProperty(property, out var value) && value.GetBoolean();

    private static long? Number(JsonElement definition, string property) =>
        definition.TryGetProperty(property, out var value) ? value.GetInt64() : null;
}
