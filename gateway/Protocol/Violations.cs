using System.Globalization;
using System.Text;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>The constraint violations of one request, and the sentence that reports them.</summary>
/// <remarks>
/// Bounded: <see cref="MaxListed"/> violations are kept, the others only counted, so that a body full of them costs
/// neither memory nor a long answer. The wording is the service framework's (glue-behaviour.md 1.3.6).
/// </remarks>
internal sealed class Violations
{
    public const int MaxListed = 20;

    private readonly List<(int Sequence, string Text)> _listed = [];
    private readonly List<Segment> _path = [];
    private int _withdrawn;

    /// <summary>How many were found so far, withdrawn ones included: a position to withdraw from.</summary>
    public int Sequence { get; private set; }

    public int Count => Sequence - _withdrawn;

    public void Enter(string member) => _path.Add(new Segment(member, 0));

    /// <param name="index">From 0; shown from 1.</param>
    public void EnterItem(int index) => _path.Add(new Segment(null, index));

    public void Leave() => _path.RemoveAt(_path.Count - 1);

    /// <param name="value">What was sent, already shortened; <c>null</c> for a value that must not be shown.</param>
    /// <param name="constraint">What it breaks, as a sentence.</param>
    public void Add(string? value, string constraint)
    {
        if (_listed.Count < MaxListed)
        {
            var shown = value is null ? "Value" : $"Value '{value}'";
            _listed.Add((Sequence, $"{shown} at '{Path()}' failed to satisfy constraint: {constraint}"));
        }

        Sequence++;
    }

    public void AddNull()
    {
        if (_listed.Count < MaxListed)
            _listed.Add((Sequence, $"Value null at '{Path()}' failed to satisfy constraint: Member must not be null"));

        Sequence++;
    }

    /// <summary>Forgets those in [from, to): they were about a value that a later duplicate of its key replaced.</summary>
    public void Withdraw(int from, int to)
    {
        _listed.RemoveAll(violation => violation.Sequence >= from && violation.Sequence < to);
        _withdrawn += to - from;
    }

    public string Describe()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Count} validation error{(Count == 1 ? "" : "s")} detected: ");
        text.AppendJoin("; ", _listed.Select(violation => violation.Text));
        var unlisted = Count - _listed.Count;
        if (unlisted > 0)
            text.Append(CultureInfo.InvariantCulture, $"; and {unlisted} more");
        return text.ToString();
    }

    private string Path()
    {
        var path = new StringBuilder();
        foreach (var segment in _path)
        {
            if (path.Length > 0)
                path.Append('.');
            if (segment.Member is not null)
                path.Append(segment.Member);
            else
                path.Append(CultureInfo.InvariantCulture, $"{segment.Index + 1}.member");
        }

        return path.ToString();
    }

    private readonly record struct Segment(string? Member, int Index);
}
