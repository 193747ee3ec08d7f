using System.Text.RegularExpressions;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>
/// A statement that is written with <c>@names</c> and sent with <c>$1</c>, <c>$2</c> …: Npgsql would rewrite names at every
/// execution.
/// </summary>
internal sealed partial class Statement
{
    private readonly List<string> _names = [];

    internal Statement(string sql) =>
        Text = Name()
            .Replace(
                sql,
                match =>
                {
                    if (!_names.Contains(match.Value))
                        _names.Add(match.Value);
                    return $"${_names.IndexOf(match.Value) + 1}";
                }
            );

    /// <summary>As it is sent.</summary>
    internal string Text { get; }

    internal int ParameterCount => _names.Count;

    /// <summary>Every name has to be given, each once, in any order; those the statement does not have are left out.</summary>
    internal NpgsqlBatchCommand With(params ReadOnlySpan<(string Name, NpgsqlParameter Value)> values)
    {
        var command = new NpgsqlBatchCommand(Text);
        foreach (var name in _names)
            command.Parameters.Add(Find(name, values));
        return command;
    }

    private static NpgsqlParameter Find(string name, ReadOnlySpan<(string Name, NpgsqlParameter Value)> values)
    {
        foreach (var value in values)
        {
            if (value.Name == name)
                return value.Value;
        }

        throw new ArgumentException($"The statement has {name}, which is not given.", nameof(name));
    }

    [GeneratedRegex("@[A-Za-z]+")]
    private static partial Regex Name();
}
