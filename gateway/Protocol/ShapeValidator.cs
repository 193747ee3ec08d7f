using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>
/// Checks a request body against the shape of its operation's input, in one pass over the bytes and before anything is
/// built from them: first that it is JSON of the right types (else SerializationException), then that every value
/// satisfies its constraints (else ValidationException, with all violations).
/// </summary>
/// <remarks>
/// What passes here is what the deserializer accepts: same depth, same numbers, <c>null</c> as absent, the last of
/// duplicate keys wins, unknown members ignored. Texts: glue-behaviour.md 1.3.6 and 1.3.7.
/// </remarks>
internal static class ShapeValidator
{
    /// <summary>Levels of nesting. The deepest request in the model has 4; the rest is for opaque values.</summary>
    public const int MaxDepth = 64;

    /// <summary>
    /// Levels, counted from the body, at which an opaque value may end. Fewer than <see cref="MaxDepth"/>, because it is
    /// stored and shown inside other objects, whose readers have a limit of 64 as well: a job that was accepted has to be
    /// readable.
    /// </summary>
    public const int MaxOpaqueDepth = 48;

    /// <returns>What is wrong with the body, or <c>null</c>.</returns>
    public static AwsError? Validate(ReadOnlySpan<byte> body, Shape input)
    {
        if (!Utf8.IsValid(body))
            return AwsErrors.Serialization("The request body is not valid UTF-8.");

        var pass = new Pass(body);
        try
        {
            if (pass.Run(input) is { } problem)
                return AwsErrors.Serialization(problem);
        }
        catch (JsonException malformed)
        {
            return AwsErrors.Serialization($"The request body is not valid JSON: {EchoedValue.Of(malformed.Message)}");
        }
        catch (InvalidOperationException)
        {
            // The reader's answer to an escaped lone surrogate, which no UTF-8 text can hold.
            return AwsErrors.Serialization("The request body has a string that is not valid Unicode text.");
        }

        return pass.Violations.Count > 0 ? AwsErrors.Validation(pass.Violations.Describe()) : null;
    }

    private ref struct Pass(ReadOnlySpan<byte> body)
    {
        private readonly ReadOnlySpan<byte> _body = body;
        private Utf8JsonReader _reader = new(body, new JsonReaderOptions { MaxDepth = MaxDepth });

        public Violations Violations { get; } = new();

        /// <summary>Each method below returns the text of a SerializationException, or <c>null</c> to go on.</summary>
        public string? Run(Shape input)
        {
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.StartObject)
                return "The request body must be a JSON object.";
            if (Structure(input, sensitive: false) is { } problem)
                return problem;
            // Throws JsonException when anything but white space follows.
            _reader.Read();
            return null;
        }

        private string? Value(Shape shape, bool sensitive)
        {
            sensitive |= shape.Sensitive;
            return shape.Type switch
            {
                ShapeType.String => String(shape, sensitive),
                ShapeType.Integer => Integer(shape, sensitive),
                ShapeType.Double => Double(),
                ShapeType.Timestamp => Double(),
                ShapeType.Boolean => _reader.TokenType is JsonTokenType.True or JsonTokenType.False
                    ? null
                    : Unexpected("a Boolean"),
                ShapeType.List => List(shape, sensitive),
                ShapeType.Map => Map(shape, sensitive),
                ShapeType.Structure => _reader.TokenType == JsonTokenType.StartObject
                    ? Structure(shape, sensitive)
                    : Unexpected("a Structure"),
                ShapeType.Opaque => Opaque(),
                _ => throw new UnreachableException($"Shape {shape.Name} has no type."),
            };
        }

        private string? Structure(Shape shape, bool sensitive)
        {
            var members = shape.Members;
            Span<Seen> seen = stackalloc Seen[members.Count];
            seen.Clear();
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var index = IndexOfMember(members);
                if (index < 0)
                {
                    CheckUnicode();
                    _reader.Skip();
                    continue;
                }

                if (seen[index].Before)
                    Violations.Withdraw(seen[index].From, seen[index].To);
                var from = Violations.Sequence;
                var member = members[index];
                _reader.Read();
                var present = _reader.TokenType != JsonTokenType.Null;
                if (present)
                {
                    Violations.Enter(member.PathName);
                    if (Value(member.Shape, sensitive) is { } problem)
                        return problem;
                    Violations.Leave();
                }

                seen[index] = new Seen(Before: true, present, from, Violations.Sequence);
            }

            for (var i = 0; i < members.Count; i++)
            {
                if (!members[i].Required || seen[i].Present)
                    continue;
                Violations.Enter(members[i].PathName);
                Violations.AddNull();
                Violations.Leave();
            }

            return null;
        }

        private int IndexOfMember(IReadOnlyList<ShapeMember> members)
        {
            for (var i = 0; i < members.Count; i++)
            {
                if (_reader.ValueTextEquals(members[i].Utf8Name))
                    return i;
            }

            return -1;
        }

        private string? List(Shape shape, bool sensitive)
        {
            if (_reader.TokenType != JsonTokenType.StartArray)
                return Unexpected("a List");
            var start = (int)_reader.TokenStartIndex;
            var count = 0;
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                Violations.EnterItem(count++);
                if (_reader.TokenType == JsonTokenType.Null)
                    Violations.AddNull();
                else if (Value(shape.Item!, sensitive) is { } problem)
                    return problem;
                Violations.Leave();
            }

            CheckSize(shape, count, start, sensitive);
            return null;
        }

        private string? Map(Shape shape, bool sensitive)
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
                return Unexpected("a Map");
            var start = (int)_reader.TokenStartIndex;
            var seen = new Dictionary<string, Seen>(StringComparer.Ordinal);
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = _reader.GetString()!;
                var isNew = !seen.TryGetValue(key, out var earlier);
                if (isNew)
                    Key(shape.Key!, key, sensitive);
                else
                    Violations.Withdraw(earlier.From, earlier.To);
                var from = Violations.Sequence;
                Violations.Enter(key.Length > EchoedValue.MaxLength ? EchoedValue.Of(key) : key);
                Violations.Enter("member");
                _reader.Read();
                if (_reader.TokenType == JsonTokenType.Null)
                    Violations.AddNull();
                else if (Value(shape.Item!, sensitive) is { } problem)
                    return problem;
                Violations.Leave();
                Violations.Leave();
                seen[key] = new Seen(Before: true, Present: true, from, Violations.Sequence);
            }

            CheckSize(shape, seen.Count, start, sensitive);
            return null;
        }

        private void Key(Shape shape, string key, bool sensitive)
        {
            if (!shape.IsConstrained)
                return;
            var broken = StringConstraints.Broken(shape, key).ToList();
            if (broken.Count > 0)
            {
                Violations.Add(
                    sensitive ? null : EchoedValue.Of(key),
                    $"Map keys must satisfy constraint: [{string.Join(", ", broken)}]"
                );
            }
        }

        private void CheckSize(Shape shape, int count, int start, bool sensitive)
        {
            if (StringConstraints.BrokenLength(shape, count) is not { } broken)
                return;
            var json = _body[start..(int)_reader.BytesConsumed];
            Violations.Add(sensitive ? null : EchoedValue.OfAggregate(json), broken);
        }

        private string? String(Shape shape, bool sensitive)
        {
            if (_reader.TokenType != JsonTokenType.String)
                return Unexpected("a String");
            if (!shape.IsConstrained)
            {
                CheckUnicode();
                return null;
            }

            var value = _reader.GetString()!;
            foreach (var broken in StringConstraints.Broken(shape, value))
                Violations.Add(sensitive ? null : EchoedValue.Of(value), broken);
            return null;
        }

        private string? Integer(Shape shape, bool sensitive)
        {
            if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt32(out var value))
                return Unexpected("an Integer");
            var broken =
                value < shape.Min ? shape.BelowMin
                : value > shape.Max ? shape.AboveMax
                : null;
            if (broken is not null)
                Violations.Add(sensitive ? null : value.ToString(CultureInfo.InvariantCulture), broken);
            return null;
        }

        /// <summary>Infinity is refused, as 1e400 would become: it could not be written back as a JSON number.</summary>
        private string? Double() =>
            _reader.TokenType == JsonTokenType.Number && _reader.TryGetDouble(out var value) && double.IsFinite(value)
                ? null
                : Unexpected("a Double");

        private string? Opaque()
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
                return Unexpected("a Structure");
            var depth = _reader.CurrentDepth;
            while (_reader.Read() && _reader.CurrentDepth > depth)
            {
                if (_reader.CurrentDepth >= MaxOpaqueDepth)
                    return $"The request body is nested deeper than {MaxOpaqueDepth} levels.";
                CheckUnicode();
            }

            return null;
        }

        /// <summary>Throws InvalidOperationException for a string or name with an escaped lone surrogate.</summary>
        private void CheckUnicode()
        {
            if (_reader.ValueIsEscaped)
                _ = _reader.GetString();
        }

        private string Unexpected(string expected) =>
            _reader.TokenType switch
            {
                JsonTokenType.String => $"STRING_VALUE can not be converted to {expected}",
                JsonTokenType.Number => $"NUMBER_VALUE can not be converted to {expected}",
                JsonTokenType.True => $"TRUE_VALUE can not be converted to {expected}",
                JsonTokenType.False => $"FALSE_VALUE can not be converted to {expected}",
                JsonTokenType.StartArray => $"START_ARRAY can not be converted to {expected}",
                _ => $"START_OBJECT can not be converted to {expected}",
            };
    }

    /// <summary>What is known of a key that has been read: whether its value counts, and the violations that are about it.</summary>
    private readonly record struct Seen(bool Before, bool Present, int From, int To);
}

/// <summary>The constraints on strings and on sizes, and how a broken one reads.</summary>
internal static class StringConstraints
{
    public static IEnumerable<string> Broken(Shape shape, string value)
    {
        if (BrokenLength(shape, ScalarLength(value)) is { } length)
            yield return length;
        if (shape.Enum is { } values && !values.Contains(value))
            yield return shape.NotInEnum;
        if (shape.Pattern is { } pattern && !pattern.Matches(value))
            yield return shape.NotMatching;
    }

    public static string? BrokenLength(Shape shape, int length) =>
        length < shape.Min ? shape.BelowMin
        : length > shape.Max ? shape.AboveMax
        : null;

    /// <summary>Unicode scalar values: the unit in which Smithy counts the length of a string.</summary>
    private static int ScalarLength(string value)
    {
        var length = value.Length;
        foreach (var unit in value.AsSpan())
        {
            if (char.IsLowSurrogate(unit))
                length--;
        }

        return length;
    }
}
