using System.Diagnostics;
using System.Globalization;

namespace GlueOrleans.Tests.FuzzSuite.Drivers;

/// <summary>What a driver has done so far.</summary>
internal sealed class Tally(string driver)
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly SortedDictionary<string, long> _codes = new(StringComparer.Ordinal);
    private (TimeSpan Time, long Case) _slowest;
    private (long Bytes, long Case) _largest;

    public long Cases { get; private set; }

    public void Add(long number, Tried tried, TimeSpan took)
    {
        lock (_lock)
        {
            Cases++;
            _codes[tried.Code] = _codes.GetValueOrDefault(tried.Code) + 1;
            if (took > _slowest.Time)
                _slowest = (took, number);
            if (tried.Allocated > _largest.Bytes)
                _largest = (tried.Allocated, number);
        }
    }

    public string Progress()
    {
        lock (_lock)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"fuzz {driver}: {Cases} cases, {Cases / _time.Elapsed.TotalSeconds:0} per second"
            );
        }
    }

    public string Summary()
    {
        lock (_lock)
        {
            var codes = string.Join(
                ", ",
                _codes.OrderByDescending(code => code.Value).Select(c => $"{c.Key} {c.Value}")
            );
            var largest =
                _largest.Bytes > 0 ? $"; most allocating: case {_largest.Case}, {_largest.Bytes / 1024} KiB" : "";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Progress()}; {codes}; slowest: case {_slowest.Case}, {_slowest.Time.TotalMilliseconds:0} ms{largest}"
            );
        }
    }
}
