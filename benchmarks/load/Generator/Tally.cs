using System.Globalization;
using HdrHistogram;

namespace GlueOrleans.Benchmarks.Load.Generator;

/// <summary>What became of the requests of one measurement. Of fixed size, however many there are.</summary>
internal sealed class Tally(TimeProvider clock)
{
    /// <summary>What a node that has too much to do answers.</summary>
    public const string Throttled = "ThrottlingException";

    /// <summary>How long a client waits. What is answered later is of no use to it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly LongHistogram _accepted = new(
        highestTrackableValue: (long)TimeSpan.FromMinutes(2).TotalMicroseconds,
        numberOfSignificantValueDigits: 3
    );
    private readonly SortedDictionary<string, long> _errors = new(StringComparer.Ordinal);
    private readonly long[] _acceptedByOperation = new long[Enum.GetValues<Operation>().Length];
    private long _shed;

    public long Accepted => _accepted.TotalCount;

    public long Shed => _shed;

    public long Answered => Accepted + Shed + _errors.Values.Sum();

    public IReadOnlyDictionary<string, long> Errors => _errors;

    public long AcceptedOf(Operation operation) => _acceptedByOperation[(int)operation];

    /// <param name="operation">Of the request.</param>
    /// <param name="intendedAt">When it was to be sent: so a request that had to wait for its turn to be sent has waited.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="error">Its code.</param>
    public void Count(Operation operation, long intendedAt, int status, string error)
    {
        var took = clock.GetElapsedTime(intendedAt);
        lock (_gate)
        {
            if (status == 200 && took <= Patience)
            {
                _accepted.RecordValue(Math.Max(1, (long)took.TotalMicroseconds));
                _acceptedByOperation[(int)operation]++;
            }
            else if (error == Throttled)
            {
                _shed++;
            }
            else
            {
                CountError(status == 200 ? "too late" : error, 1);
            }
        }
    }

    public void Unanswered(string why, long count)
    {
        lock (_gate)
        {
            if (count > 0)
                CountError(why, count);
        }
    }

    /// <summary>Milliseconds in which this part of the accepted ones were answered; 100: all of them.</summary>
    public double Latency(double percentile) =>
        Accepted == 0 ? double.NaN : _accepted.GetValueAtPercentile(percentile) / 1000.0;

    public string DescribeErrors() =>
        _errors.Count == 0
            ? "–"
            : string.Join(
                ", ",
                _errors.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Value:N0} {e.Key}"))
            );

    private void CountError(string error, long count) => _errors[error] = _errors.GetValueOrDefault(error) + count;
}
