using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Rosters;

namespace GlueOrleans.Grains.Accounts;

/// <summary>
/// What an account's runs hold, who has a place in the queue, and who is to be told when there is room. A copy of what the
/// run table says, plus what was promised and is not in the table yet.
/// </summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed partial class CapacityLedger(AccountLimits limits)
{
    /// <summary>How long a promise may be without a row. Far more than a write takes; whoever is later was lost.</summary>
    public static readonly TimeSpan PromiseLasts = TimeSpan.FromMinutes(1);

    /// <summary>How long a job that was told of room keeps others waiting without asking for it.</summary>
    public static readonly TimeSpan TurnLasts = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);

    /// <summary>Runs that wait or are about to, and since when their places are promised.</summary>
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);

    private readonly SortedSet<Asker> _askers = new(Asker.LongestWaitingFirst);
    private readonly Dictionary<string, Asker> _askersById = new(StringComparer.Ordinal);

    /// <summary>How many askers may be on their way to the executors at once: as many as those said they have room for when
    /// they had none before. All, as long as nobody waits.</summary>
    private int _onTheirWay = int.MaxValue;

    /// <summary>How many executor nodes took runs when they had no room.</summary>
    private int _executorNodes;

    private double _taskDpus;
    private double _flexDpus;

    private readonly CopyChanges _heldChanges = new();
    private readonly CopyChanges _placeChanges = new();

    /// <param name="Dpus">What it holds.</param>
    /// <param name="IsFlex">Of which pool.</param>
    /// <param name="PromisedOn">When; <c>null</c>: the table has it.</param>
    /// <param name="IsTold">Whether the promise was made to anybody, and so may become a row.</param>
    private sealed record Held(double Dpus, bool IsFlex, DateTimeOffset? PromisedOn, bool IsTold);

    /// <summary>There is one of every run in the queue, so it is small.</summary>
    /// <param name="promisedOn">When; <c>null</c>: the table has it.</param>
    private readonly struct Place(DateTimeOffset? promisedOn)
    {
        private readonly long _promisedOn = promisedOn?.UtcTicks ?? 0;

        public DateTimeOffset? PromisedOn => _promisedOn == 0 ? null : new DateTimeOffset(_promisedOn, TimeSpan.Zero);
    }

    public int RunsHeld => _held.Count;

    /// <summary>Reserves what the run needs, if there is room for it besides those of its kind that have waited longer. To be
    /// followed by <see cref="Confirm"/>, when it has a place on an executor as well, or by <see cref="TakeBack"/>.</summary>
    /// <remarks>A place in the queue is kept until the row says that the run has left it. A run that asks again is promised
    /// again: its row is still to be written.</remarks>
    public bool TryGrant(CapacityRequest request, DateTimeOffset now)
    {
        EndTurns(now);
        var held = _held.GetValueOrDefault(request.RunId);
        if (held is null && InTheWay(request, Elders(request)) != CapacityLimit.None)
            return false;
        Drop(request.RunId);
        // Asking does not prolong a promise that was told: if nothing comes of it, it has to run out.
        var isTold = held?.IsTold == true;
        Hold(request.RunId, request.Dpus, request.IsFlex, isTold ? held!.PromisedOn ?? now : now, isTold);
        if (request.Next is { } next && !_askersById.ContainsKey(next.RunId) && !_held.ContainsKey(next.RunId))
            Announce(request, next, now);
        return true;
    }

    /// <summary>From here on the promise may become a row. False: what was reserved has been given back meanwhile.</summary>
    public bool Confirm(string runId, DateTimeOffset now)
    {
        if (!_held.TryGetValue(runId, out var held))
            return false;
        _held[runId] = held with { PromisedOn = now, IsTold = true };
        _heldChanges.Changed(runId);
        Forget(runId);
        return true;
    }

    /// <summary>The run has no place on an executor, and holds nothing; unless it was told earlier that it does: then its row
    /// may still come, and it counts until the table or the end of its epoch says otherwise.</summary>
    public void TakeBack(string runId)
    {
        if (_held.TryGetValue(runId, out var held) && !held.IsTold)
            Drop(runId);
    }

    /// <summary>What a request that was not granted gets instead: a wait, and a place in the queue if it wants one; or no.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="now">Wall time.</param>
    /// <param name="executorNodes">The executors have no room for it: how many there are.</param>
    /// <returns>The limit it came up against, and whether it may wait.</returns>
    public (CapacityLimit Limit, bool MayWait) Queue(
        CapacityRequest request,
        DateTimeOffset now,
        int? executorNodes = null
    )
    {
        _executorNodes = executorNodes ?? _executorNodes;
        var limit = executorNodes is null ? InTheWay(request, Elders(request)) : CapacityLimit.Executors;
        var wantsPlace = request.Purpose is CapacityPurpose.Queue or CapacityPurpose.StartOrQueue;
        if (request.Purpose is CapacityPurpose.Queue or CapacityPurpose.Start)
            Forget(request.RunId);
        if (request.Next is { } next && _askersById.GetValueOrDefault(next.RunId)?.IsAnnounced == true)
            Forget(next.RunId);
        if (request.Purpose == CapacityPurpose.Start || request.Dpus > Pool(request.IsFlex))
            return (limit, false);
        if (wantsPlace && !_places.ContainsKey(request.RunId))
        {
            if (_places.Count >= limits.QueuedRuns)
                return (CapacityLimit.QueuedRuns, false);
            _places.Add(request.RunId, new Place(now));
            _placeChanges.Changed(request.RunId);
        }

        if (request.Purpose != CapacityPurpose.Queue)
        {
            // Once more, if it had its turn and found no room: it is to be told of the next.
            var asker = _askersById.GetValueOrDefault(request.RunId) ?? new Asker(request);
            asker.ToldOn = null;
            asker.IsAnnounced = false;
            asker.LacksExecutor = executorNodes is not null;
            Add(asker, now);
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
            CapacityLimit.Executors => _executorNodes,
            _ => 0,
        };

    public void Release(IReadOnlyList<string> runIds)
    {
        foreach (var runId in runIds)
        {
            Drop(runId);
            _places.Remove(runId);
            Forget(runId);
            _heldChanges.Released(runId);
            _placeChanges.Released(runId);
        }
    }

    /// <summary>Whether something was promised so long ago that its row will not come: then the epoch under which it was
    /// promised has to end before the promise can be taken back.</summary>
    public bool HasStalePromises(DateTimeOffset now) => _held.Values.Any(held => IsStale(held.PromisedOn, now));

    /// <summary>Promised to runs that hold nothing by the roster. At most as many as may run.</summary>
    public IReadOnlyList<string> PromisedBesides(AccountRoster roster)
    {
        var holders = roster.Holders.Select(holder => holder.RunId).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. _held
                .Where(run => run.Value.PromisedOn is not null && !holders.Contains(run.Key))
                .Select(run => run.Key),
        ];
    }

    /// <summary>A look at the table begins, for <see cref="Correct"/>.</summary>
    public LedgerRead BeginRead() => new(_heldChanges.Begin(), _placeChanges.Begin());

    /// <summary>Takes over what the table said. What was written down or released since the read began, and what is promised,
    /// is left as it is: the roster may be older.</summary>
    /// <param name="read">From before it.</param>
    /// <param name="roster">What was read.</param>
    /// <param name="then">When the read began: a promise that was good then is kept, since its epoch goes on.</param>
    public void Correct(LedgerRead read, AccountRoster roster, DateTimeOffset then)
    {
        var holders = roster.Holders.ToDictionary(holder => holder.RunId, StringComparer.Ordinal);
        var waiting = roster.Waiting.ToHashSet(StringComparer.Ordinal);
        foreach (var (runId, held) in _held.ToList())
        {
            if (read.Held.Covers(runId) && !holders.ContainsKey(runId) && IsOver(held.PromisedOn))
                Drop(runId);
        }

        foreach (var (runId, place) in _places.ToList())
        {
            if (read.Places.Covers(runId) && !waiting.Contains(runId) && IsOver(place.PromisedOn))
            {
                _places.Remove(runId);
                Forget(runId);
            }
        }

        foreach (var holder in roster.Holders)
        {
            var isNewer = _held.TryGetValue(holder.RunId, out var held) && !read.Held.Covers(holder.RunId);
            if (isNewer || read.Held.MissesEndOf(holder.RunId))
                continue;
            Drop(holder.RunId);
            Hold(holder.RunId, holder.Dpus, holder.IsFlex, promisedOn: null, isTold: true);
            _places.Remove(holder.RunId);
            Forget(holder.RunId);
        }

        foreach (var runId in waiting.Where(runId => !read.Places.MissesEndOf(runId)))
        {
            _places[runId] = new Place(promisedOn: null);
            _placeChanges.Changed(runId);
        }

        // A retry asks without a place, so the table cannot say that it is not wanted any more. As long as it is, its job
        // asks again at each sweep.
        var gone = _askersById.Values.Where(asker => IsStale(asker.AskedOn, then)).Select(asker => asker.Request.RunId);
        foreach (var runId in gone.Where(runId => !_places.ContainsKey(runId)).ToList())
            Forget(runId);

        bool IsOver(DateTimeOffset? promisedOn) => promisedOn is null || IsStale(promisedOn, then);
    }

    private static bool IsStale(DateTimeOffset? promisedOn, DateTimeOffset now) => now - promisedOn > PromiseLasts;

    private int Pool(bool isFlex) => isFlex ? limits.FlexDpus : limits.TaskDpus;

    /// <summary>What keeps the run from being granted; its elders are to have what they wait for.</summary>
    private CapacityLimit InTheWay(CapacityRequest request, IReadOnlyList<Asker> elders)
    {
        if (elders.Count == 0)
            return Beyond(request, _held.Count, request.IsFlex ? _flexDpus : _taskDpus);
        // Those that are just being placed hold what they need already.
        var waiting = elders.Where(elder => !_held.ContainsKey(elder.Request.RunId)).ToList();
        var used = (request.IsFlex ? _flexDpus : _taskDpus) + waiting.Sum(elder => elder.Request.Dpus);
        if (Beyond(request, _held.Count + waiting.Count, used) is not CapacityLimit.None and var limit)
            return limit;
        // Who is first in line asks the executors, each time; nobody overtakes it on the way there.
        return elders.Count >= _onTheirWay || elders.Any(elder => elder.LacksExecutor)
            ? CapacityLimit.Executors
            : CapacityLimit.None;
    }

    /// <summary>The limit that the run would pass besides so many others with so many DPUs of its kind.</summary>
    private CapacityLimit Beyond(CapacityRequest request, int runs, double dpus) =>
        runs >= limits.ConcurrentRuns ? CapacityLimit.ConcurrentRuns
        : dpus + request.Dpus <= Pool(request.IsFlex) ? CapacityLimit.None
        : request.IsFlex ? CapacityLimit.FlexDpus
        : CapacityLimit.TaskDpus;

    private void Hold(string runId, double dpus, bool isFlex, DateTimeOffset? promisedOn, bool isTold)
    {
        var held = new Held(dpus, isFlex, promisedOn, isTold);
        _held.Add(runId, held);
        _heldChanges.Changed(runId);
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
}
