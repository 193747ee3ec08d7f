using Npgsql;
using NpgsqlTypes;

namespace GlueOrleans.Storage.Postgres;

/// <summary>
/// Parameters. Their types are said, not guessed from the value: a statement with a NULL in it is then the same prepared
/// statement as one without.
/// </summary>
internal static class Value
{
    internal static NpgsqlParameter Of(string? text) =>
        Make(NpgsqlDbType.Text, text is null ? null : DatabaseText.Encode(text));

    internal static NpgsqlParameter Of(IEnumerable<string> texts) =>
        Make(NpgsqlDbType.Array | NpgsqlDbType.Text, texts.Select(DatabaseText.Encode).ToArray());

    internal static NpgsqlParameter Of(long number) => Make(NpgsqlDbType.Bigint, number);

    internal static NpgsqlParameter Of(long? number) => Make(NpgsqlDbType.Bigint, number);

    internal static NpgsqlParameter Of(int number) => Make(NpgsqlDbType.Integer, number);

    internal static NpgsqlParameter Of(double number) => Make(NpgsqlDbType.Double, number);

    internal static NpgsqlParameter Of(bool flag) => Make(NpgsqlDbType.Boolean, flag);

    /// <summary>In whole milliseconds, rounded down.</summary>
    internal static NpgsqlParameter Of(DateTimeOffset? instant) =>
        Make(
            NpgsqlDbType.TimestampTz,
            instant is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value.ToUnixTimeMilliseconds()) : null
        );

    internal static NpgsqlParameter Of(TimeSpan length) => Make(NpgsqlDbType.Interval, length);

    private static NpgsqlParameter Make(NpgsqlDbType type, object? value) =>
        new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };
}
