using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Rosters;

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

    private readonly CopyChanges _changes = new();

    /// <param name="Dpus">What it holds.</param>
    /// <param name="IsFlex">Of which pool.</param>
    /// <param name="PromisedOn">When; <c>null</c>: the table has it.</param>
    /// <param name="IsTold">Whether the promise was made to anybody, and so may become a row.</param>
    /// <param name="Change">Its number.</param>
    private sealed record Held(double Dpus, bool IsFlex, DateTimeOffset? PromisedOn, bool IsTold, long Change);

    private sealed record Place(DateTimeOffset? PromisedOn, long Change);

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

        /// <summary>It has not asked yet: the run before it said that it will.</summary>
        public bool IsAnnounced { get; set; }

        /// <summary>It has come as far as the executors, which had no room and will say when they have.</summary>
        public bool LacksExecutor { get; set; }
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
        _held[runId] = held with { PromisedOn = now, IsTold = true, Change = _changes.Next() };
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
            _places.Add(request.RunId, new Place(now, _changes.Next()));
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

    /// <summary>Since when the run has waited; as far as is known here, if that is longer.</summary>
    public DateTimeOffset Since(CapacityRequest request) =>
        _askersById.TryGetValue(request.RunId, out var asker) && asker.Request.Since < request.Since
            ? asker.Request.Since
            : request.Since;

    /// <summary>Who comes to the executors after this one, as soon as this one has its place; <c>null</c>: nobody has to wait
    /// for them.</summary>
    public CapacityRequest? NextAfter(string runId) =>
        _onTheirWay == int.MaxValue
            ? null
            : Callable().Select(asker => asker.Request).FirstOrDefault(request => request.RunId != runId);

    /// <summary>The executor nodes have room again, for about so many runs.</summary>
    public void ExecutorsHaveRoom(int runs)
    {
        if (_askers.Count > 0)
            _onTheirWay = Math.Max(runs, 1);
        foreach (var asker in _askers.Where(asker => asker.LacksExecutor))
            (asker.LacksExecutor, asker.ToldOn) = (false, null);
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
            _changes.Released(runId);
        }
    }

    /// <summary>The job can start none of its runs now: they keep nobody waiting until it asks again.</summary>
    /// <returns>Its runs that had asked: the executors may know of them.</returns>
    public IReadOnlyList<string> Decline(JobKey job)
    {
        var declined = _askers.Where(asker => asker.Request.Job == job).ToList();
        foreach (var asker in declined)
            Forget(asker.Request.RunId);
        return [.. declined.Select(asker => asker.Request.RunId)];
    }

    /// <summary>The jobs whose runs there is room for, those that have waited longest first. Each has its turn now.</summary>
    public IReadOnlyList<JobKey> TakeTurns(DateTimeOffset now)
    {
        EndTurns(now);
        List<JobKey> jobs = [];
        foreach (var asker in Callable().Take(_onTheirWay).Where(asker => asker.ToldOn is null))
        {
            asker.ToldOn = now;
            jobs.Add(asker.Request.Job);
        }

        return [.. jobs.Distinct()];
    }

    /// <summary>Those whom the account's limits allow to start now, all together, in the order of the line; behind one that
    /// has to wait, nobody of its kind.</summary>
    private IEnumerable<Asker> Callable()
    {
        var (runs, task, flex) = (_held.Count, _taskDpus, _flexDpus);
        HashSet<bool> blocked = [];
        // Not those that are just being placed. One that was told of a promise, and asks again, found it broken.
        foreach (var asker in _askers.Where(asker => _held.GetValueOrDefault(asker.Request.RunId)?.IsTold != false))
        {
            if (blocked.Count == 2)
                break;
            var request = asker.Request;
            if (blocked.Contains(request.IsFlex))
                continue;
            var used = request.IsFlex ? flex : task;
            if (asker.LacksExecutor || runs >= limits.ConcurrentRuns || used + request.Dpus > Pool(request.IsFlex))
            {
                blocked.Add(request.IsFlex);
                continue;
            }

            runs++;
            if (request.IsFlex)
                flex += request.Dpus;
            else
                task += request.Dpus;
            yield return asker;
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
    public RosterRead BeginRead() => _changes.Begin();

    /// <summary>Takes over what the table said. What was written down or released since the read began, and what is promised,
    /// is left as it is: the roster may be older.</summary>
    /// <param name="read">From before it.</param>
    /// <param name="roster">What was read.</param>
    /// <param name="then">When the read began: a promise that was good then is kept, since its epoch goes on.</param>
    public void Correct(RosterRead read, AccountRoster roster, DateTimeOffset then)
    {
        var holders = roster.Holders.ToDictionary(holder => holder.RunId, StringComparer.Ordinal);
        var waiting = roster.Waiting.ToHashSet(StringComparer.Ordinal);
        foreach (var (runId, held) in _held.ToList())
        {
            if (read.Covers(held.Change) && !holders.ContainsKey(runId) && IsOver(held.PromisedOn))
                Drop(runId);
        }

        foreach (var (runId, place) in _places.ToList())
        {
            if (read.Covers(place.Change) && !waiting.Contains(runId) && IsOver(place.PromisedOn))
            {
                _places.Remove(runId);
                Forget(runId);
            }
        }

        foreach (var holder in roster.Holders)
        {
            var isNewer = _held.TryGetValue(holder.RunId, out var held) && !read.Covers(held.Change);
            if (isNewer || read.MissesEndOf(holder.RunId))
                continue;
            Drop(holder.RunId);
            Hold(holder.RunId, holder.Dpus, holder.IsFlex, promisedOn: null, isTold: true);
            _places.Remove(holder.RunId);
            Forget(holder.RunId);
        }

        foreach (var runId in waiting.Where(runId => !read.MissesEndOf(runId)))
            _places[runId] = new Place(PromisedOn: null, _changes.Next());

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
        // Those that are just being placed hold what they need already.
        var waiting = elders.Where(elder => !_held.ContainsKey(elder.Request.RunId)).ToList();
        if (_held.Count + waiting.Count >= limits.ConcurrentRuns)
            return CapacityLimit.ConcurrentRuns;
        var used = (request.IsFlex ? _flexDpus : _taskDpus) + waiting.Sum(elder => elder.Request.Dpus);
        if (used + request.Dpus > Pool(request.IsFlex))
            return request.IsFlex ? CapacityLimit.FlexDpus : CapacityLimit.TaskDpus;
        // Who is first in line asks the executors, each time; nobody overtakes it on the way there.
        return elders.Count >= _onTheirWay || elders.Any(elder => elder.LacksExecutor)
            ? CapacityLimit.Executors
            : CapacityLimit.None;
    }

    /// <summary>
    /// Runs of the same kind that come first. Of other jobs those that have waited longer than any of this job's: which of
    /// its own runs is next is the job's business, and need not be the one that asked first. But a new run does not pass one
    /// of its own job that was told to wait.
    /// </summary>
    private List<Asker> Elders(CapacityRequest request)
    {
        var self = new Asker(request);
        var sameKind = _askers.Where(asker => asker.Request.IsFlex == request.IsFlex);
        return request.Purpose == CapacityPurpose.StartWhenPossible
            ? [.. sameKind.TakeWhile(asker => asker.Request.Job != request.Job && IsOlder(asker))]
            :
            [
                .. sameKind.Where(asker =>
                    asker.Request.RunId != request.RunId && (asker.Request.Job == request.Job || IsOlder(asker))
                ),
            ];

        bool IsOlder(Asker asker) => Asker.LongestWaitingFirst.Compare(asker, self) < 0;
    }

    /// <summary>Who was told of room and has not asked for it is not waited for any longer. If it is wanted still, its job
    /// asks again in the next sweep, and is as old as it was.</summary>
    private void EndTurns(DateTimeOffset now)
    {
        foreach (var asker in _askers.Where(asker => now - asker.ToldOn > TurnLasts).ToList())
            Forget(asker.Request.RunId);
    }

    private void Hold(string runId, double dpus, bool isFlex, DateTimeOffset? promisedOn, bool isTold)
    {
        var held = new Held(dpus, isFlex, promisedOn, isTold, _changes.Next());
        _held.Add(runId, held);
        Count(held, +1);
    }

    /// <summary>Its turn has come, without its being told.</summary>
    private void Announce(CapacityRequest request, PlaceNext next, DateTimeOffset now)
    {
        var coming = new CapacityRequest(
            next.RunId,
            request.Job,
            CapacityPurpose.StartWhenPossible,
            next.Dpus,
            request.IsFlex,
            next.Since
        );
        Add(new Asker(coming) { IsAnnounced = true, ToldOn = now }, now);
    }

    private void Add(Asker asker, DateTimeOffset now)
    {
        asker.AskedOn = now;
        _askers.Add(asker);
        _askersById[asker.Request.RunId] = asker;
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
        if (_askers.Count == 0)
            _onTheirWay = int.MaxValue;
    }
}
