using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Accounts;

/// <summary>
/// What an account's runs hold, who has a place in the queue, and who is to be told when there is room. A copy of what the
/// run table says, plus what was promised and is not in the table yet.
/// </summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed class CapacityLedger(AccountLimits limits)
{
    /// <summary>How long a promise may be without a row. Far more than a write takes; whoever is later was lost.</summary>
    public static readonly TimeSpan PromiseLasts = TimeSpan.FromMinutes(1);

    /// <summary>How long a job that was told of room keeps others waiting without asking for it.</summary>
    public static readonly TimeSpan TurnLasts = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);

    /// <summary>Runs that wait or are about to; with when the place was promised, or null for those the table has.</summary>
    private readonly Dictionary<string, DateTimeOffset?> _places = new(StringComparer.Ordinal);

    private readonly SortedSet<Asker> _askers = new(Asker.LongestWaitingFirst);
    private readonly Dictionary<string, Asker> _askersById = new(StringComparer.Ordinal);
    private double _taskDpus;
    private double _flexDpus;

    private sealed record Held(double Dpus, bool IsFlex, DateTimeOffset? PromisedOn);

    private sealed record Asker(CapacityRequest Request)
    {
        public DateTimeOffset AskedOn { get; set; }

        public static readonly Comparer<Asker> LongestWaitingFirst = Comparer<Asker>.Create(
            (a, b) =>
                a.Request.Since.CompareTo(b.Request.Since) is not 0 and var bySince
                    ? bySince
                    : string.CompareOrdinal(a.Request.RunId, b.Request.RunId)
        );

        public DateTimeOffset? ToldOn { get; set; }
    }

    public int RunsHeld => _held.Count;

    /// <summary>Reserves what the run needs, if there is room and nobody of its kind has waited longer.</summary>
    public bool TryGrant(CapacityRequest request, DateTimeOffset now)
    {
        if (!_held.ContainsKey(request.RunId))
        {
            if (InTheWay(request) != CapacityLimit.None || HasElders(request, now))
                return false;
            Hold(request.RunId, new Held(request.Dpus, request.IsFlex, now));
        }

        _places.Remove(request.RunId);
        Forget(request.RunId);
        return true;
    }

    /// <summary>What a request that was not granted gets instead: a wait, and a place in the queue if it wants one; or no.</summary>
    /// <returns>The limit it came up against, and whether it may wait.</returns>
    public (CapacityLimit Limit, bool MayWait) Queue(CapacityRequest request, DateTimeOffset now)
    {
        var limit = InTheWay(request) is not CapacityLimit.None and var inTheWay ? inTheWay : LimitOfElders(request);
        var wantsPlace = request.Purpose is CapacityPurpose.Queue or CapacityPurpose.StartOrQueue;
        if (request.Purpose == CapacityPurpose.Start || request.Dpus > Pool(request.IsFlex))
            return (limit, false);
        if (wantsPlace && !_places.ContainsKey(request.RunId))
        {
            if (_places.Count >= limits.QueuedRuns)
                return (CapacityLimit.QueuedRuns, false);
            _places.Add(request.RunId, now);
        }

        if (request.Purpose != CapacityPurpose.Queue)
        {
            if (!_askersById.TryGetValue(request.RunId, out var asker))
            {
                asker = new Asker(request);
                _askers.Add(asker);
                _askersById.Add(request.RunId, asker);
            }

            asker.AskedOn = now;
        }

        return (limit, true);
    }

    public bool IsQueueFull => _places.Count >= limits.QueuedRuns;

    public int Value(CapacityLimit limit) =>
        limit switch
        {
            CapacityLimit.ConcurrentRuns => limits.ConcurrentRuns,
            CapacityLimit.TaskDpus => limits.TaskDpus,
            CapacityLimit.FlexDpus => limits.FlexDpus,
            CapacityLimit.QueuedRuns => limits.QueuedRuns,
            _ => 0,
        };

    public void Release(IReadOnlyList<string> runIds)
    {
        foreach (var runId in runIds)
        {
            Drop(runId);
            _places.Remove(runId);
            Forget(runId);
        }
    }

    /// <summary>The jobs whose runs there is room for, those that have waited longest first. Each has its turn now.</summary>
    public IReadOnlyList<JobKey> TakeTurns(DateTimeOffset now)
    {
        var (runs, task, flex) = (_held.Count, _taskDpus, _flexDpus);
        HashSet<bool> blocked = [];
        List<JobKey> jobs = [];
        foreach (var asker in _askers)
        {
            var request = asker.Request;
            if (blocked.Contains(request.IsFlex))
                continue;
            var used = request.IsFlex ? flex : task;
            if (runs >= limits.ConcurrentRuns || used + request.Dpus > Pool(request.IsFlex))
            {
                blocked.Add(request.IsFlex);
                continue;
            }

            runs++;
            if (request.IsFlex)
                flex += request.Dpus;
            else
                task += request.Dpus;
            if (asker.ToldOn is null || now - asker.ToldOn > TurnLasts)
            {
                asker.ToldOn = now;
                jobs.Add(request.Job);
            }
        }

        return [.. jobs.Distinct()];
    }

    /// <summary>Whether something was promised so long ago that its row will not come: then the epoch under which it was
    /// promised has to end before the promise can be taken back.</summary>
    public bool HasStalePromises(DateTimeOffset now) => _held.Values.Any(held => IsStale(held.PromisedOn, now));

    /// <summary>The runs that a roster read from now on can speak about. Take it before reading.</summary>
    public IReadOnlyList<string> Known() => [.. _held.Keys.Union(_places.Keys)];

    /// <summary>Takes over what the table said. What was not <paramref name="known"/> when the read began, and what is
    /// promised, is left as it is: the roster may be older.</summary>
    public void Correct(IReadOnlyList<string> known, AccountRoster roster, DateTimeOffset now)
    {
        var holders = roster.Holders.ToDictionary(holder => holder.RunId, StringComparer.Ordinal);
        var waiting = roster.Waiting.ToHashSet(StringComparer.Ordinal);
        foreach (var runId in known)
        {
            if (
                _held.TryGetValue(runId, out var held)
                && !holders.ContainsKey(runId)
                && (held.PromisedOn is null || IsStale(held.PromisedOn, now))
            )
                Drop(runId);
            if (
                _places.TryGetValue(runId, out var promisedOn)
                && !waiting.Contains(runId)
                && (promisedOn is null || IsStale(promisedOn, now))
            )
            {
                _places.Remove(runId);
                Forget(runId);
            }
        }

        foreach (var holder in roster.Holders)
        {
            Drop(holder.RunId);
            Hold(holder.RunId, new Held(holder.Dpus, holder.IsFlex, PromisedOn: null));
            _places.Remove(holder.RunId);
            Forget(holder.RunId);
        }

        foreach (var runId in waiting.Where(runId => !_held.ContainsKey(runId)))
            _places[runId] = null;

        // A retry asks without a place, so the table cannot say that it is not wanted any more. As long as it is, its job
        // asks again at each sweep.
        var gone = _askersById.Values.Where(asker => IsStale(asker.AskedOn, now)).Select(asker => asker.Request.RunId);
        foreach (var runId in gone.Where(runId => !_places.ContainsKey(runId)).ToList())
            Forget(runId);
    }

    private static bool IsStale(DateTimeOffset? promisedOn, DateTimeOffset now) => now - promisedOn > PromiseLasts;

    private int Pool(bool isFlex) => isFlex ? limits.FlexDpus : limits.TaskDpus;

    private CapacityLimit InTheWay(CapacityRequest request)
    {
        if (_held.Count >= limits.ConcurrentRuns)
            return CapacityLimit.ConcurrentRuns;
        var used = request.IsFlex ? _flexDpus : _taskDpus;
        if (used + request.Dpus <= Pool(request.IsFlex))
            return CapacityLimit.None;
        return request.IsFlex ? CapacityLimit.FlexDpus : CapacityLimit.TaskDpus;
    }

    /// <summary>Whether a run of the same kind has waited longer for capacity, and has not let its turn pass.</summary>
    private bool HasElders(CapacityRequest request, DateTimeOffset now) => Elders(request, now).Any();

    private IEnumerable<Asker> Elders(CapacityRequest request, DateTimeOffset now)
    {
        var self = new Asker(request);
        return _askers
            .TakeWhile(asker => Asker.LongestWaitingFirst.Compare(asker, self) < 0)
            .Where(asker => asker.Request.IsFlex == request.IsFlex)
            .Where(asker => asker.ToldOn is null || now - asker.ToldOn <= TurnLasts);
    }

    /// <summary>There is room, but for somebody else: what that one waits for is what this one waits for.</summary>
    private CapacityLimit LimitOfElders(CapacityRequest request) =>
        _askers.FirstOrDefault(asker => asker.Request.IsFlex == request.IsFlex) is { } first
        && InTheWay(first.Request) is not CapacityLimit.None and var limit
            ? limit
            : CapacityLimit.ConcurrentRuns;

    private void Hold(string runId, Held held)
    {
        _held.Add(runId, held);
        Count(held, +1);
    }

    private void Drop(string runId)
    {
        if (_held.Remove(runId, out var held))
            Count(held, -1);
    }

    // All DPU values are multiples of 1/16, so that sums of them are exact.
    private void Count(Held held, int sign)
    {
        if (held.IsFlex)
            _flexDpus += sign * held.Dpus;
        else
            _taskDpus += sign * held.Dpus;
    }

    private void Forget(string runId)
    {
        if (_askersById.Remove(runId, out var asker))
            _askers.Remove(asker);
    }
}
