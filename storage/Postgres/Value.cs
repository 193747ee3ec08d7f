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
    internal static NpgsqlParameter Of(DateTimeOffset? instant) => Make(NpgsqlDbType.TimestampTz, Rounded(instant));

    internal static NpgsqlParameter Of(TimeSpan length) => Make(NpgsqlDbType.Interval, length);

    /// <summary>An array: this of each row.</summary>
    internal static NpgsqlParameter Column<TRow>(IReadOnlyList<TRow> rows, Func<TRow, string?> text) =>
        Array(NpgsqlDbType.Text, rows, row => text(row) is { } value ? DatabaseText.Encode(value) : null);

    internal static NpgsqlParameter Column<TRow>(IReadOnlyList<TRow> rows, Func<TRow, long> number) =>
        Array(NpgsqlDbType.Bigint, rows, number);

    internal static NpgsqlParameter Column<TRow>(IReadOnlyList<TRow> rows, Func<TRow, long?> number) =>
        Array(NpgsqlDbType.Bigint, rows, number);

    internal static NpgsqlParameter Column<TRow>(IReadOnlyList<TRow> rows, Func<TRow, int> number) =>
        Array(NpgsqlDbType.Integer, rows, number);

    internal static NpgsqlParameter Column<TRow>(IReadOnlyList<TRow> rows, Func<TRow, double> number) =>
        Array(NpgsqlDbType.Double, rows, number);

    internal static NpgsqlParameter Column<TRow>(IReadOnlyList<TRow> rows, Func<TRow, bool> flag) =>
        Array(NpgsqlDbType.Boolean, rows, flag);

    /// <summary>In whole milliseconds, rounded down.</summary>
    internal static NpgsqlParameter Column<TRow>(IReadOnlyList<TRow> rows, Func<TRow, DateTimeOffset?> instant) =>
        Array(NpgsqlDbType.TimestampTz, rows, row => Rounded(instant(row)));

    private static DateTimeOffset? Rounded(DateTimeOffset? instant) =>
        instant is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value.ToUnixTimeMilliseconds()) : null;

    private static NpgsqlParameter Array<TRow, T>(NpgsqlDbType type, IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        return Make(NpgsqlDbType.Array | type, values);
    }

    private static NpgsqlParameter Make(NpgsqlDbType type, object? value) =>
        new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };
}
