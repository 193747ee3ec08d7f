using System.Globalization;
using System.Text;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>The types a member of a request or response can have (Smithy's aggregate and simple types, as far as used).</summary>
internal enum ShapeType
{
    Unset = 0,
    String,
    Integer,
    Double,
    Boolean,
    Timestamp,
    List,
    Map,
    Structure,

    /// <summary>A JSON object that is kept as it came and never looked into.</summary>
    Opaque,
}

/// <summary>One shape of the service model: a type and the constraints on its values.</summary>
/// <remarks>Completed by <see cref="ShapeTable"/> in two steps, because shapes refer to each other; fixed afterwards.</remarks>
internal sealed class Shape(string name, ShapeType type)
{
    public string Name { get; } = name;

    public ShapeType Type { get; } = type;

    /// <summary>Of a string: Unicode scalar values. Of a list or map: entries. Of an integer: the value.</summary>
    public long? Min { get; init; }

    /// <summary>In the unit of <see cref="Min"/>.</summary>
    public long? Max { get; init; }

    public JavaPattern? Pattern { get; init; }

    /// <summary>The values a string may have; <c>null</c>: any.</summary>
    public IReadOnlyList<string>? Enum { get; init; }

    /// <summary>Values of this shape are not repeated in error messages.</summary>
    public bool Sensitive { get; init; }

    /// <summary>An error with this shape is the server's fault: HTTP 500 rather than 400.</summary>
    public bool IsFault { get; init; }

    /// <summary>Of a structure.</summary>
    public IReadOnlyList<ShapeMember> Members { get; set; } = [];

    /// <summary>Of a map.</summary>
    public Shape? Key { get; set; }

    /// <summary>Of a list: its members. Of a map: its values.</summary>
    public Shape? Item { get; set; }

    // How a broken constraint reads. A body of nothing but violations has a million of them: each is the same text.

    public string BelowMin =>
        field ??= $"Member must have {Measure} greater than or equal to {Min?.ToString(CultureInfo.InvariantCulture)}";

    public string AboveMax =>
        field ??= $"Member must have {Measure} less than or equal to {Max?.ToString(CultureInfo.InvariantCulture)}";

    public string NotInEnum => field ??= $"Member must satisfy enum value set: [{string.Join(", ", Enum ?? [])}]";

    public string NotMatching => field ??= $"Member must satisfy regular expression pattern: {Pattern?.Text}";

    private string Measure => Type == ShapeType.Integer ? "value" : "length";

    /// <summary>Whether a string has to be read at all, beyond being well-formed.</summary>
    public bool IsConstrained => Min is not null || Max is not null || Pattern is not null || Enum is not null;
}

/// <summary>A member of a structure.</summary>
internal sealed class ShapeMember(string name, Shape shape, bool required)
{
    /// <summary>The name on the wire: <c>JobName</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The name in a constraint violation: <c>jobName</c>.</summary>
    public string PathName { get; } = CamelCase(name);

    public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(name);

    public Shape Shape { get; } = shape;

    public bool Required { get; } = required;

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}

/// <summary>One operation of the service model.</summary>
/// <param name="Name">As in <c>X-Amz-Target</c>, without the prefix.</param>
/// <param name="Input">The structure of a request.</param>
/// <param name="Output">The structure of a response.</param>
/// <param name="Errors">The modelled errors; anything else a client sees as a generic client error.</param>
internal sealed record OperationModel(string Name, Shape Input, Shape Output, IReadOnlyList<Shape> Errors);
