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
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);

    private readonly SortedSet<Asker> _askers = new(Asker.LongestWaitingFirst);
    private readonly Dictionary<string, Asker> _askersById = new(StringComparer.Ordinal);

    /// <summary>How many more runs the executor nodes are known to have room for. They do not say how many as long as there is
    /// some: null. None, until they say so themselves: 0.</summary>
    private int? _executorRoom;

    private double _taskDpus;
    private double _flexDpus;

    /// <summary>Counts what was written down here, so that a roster that is older can be told from one that is not.</summary>
    private long _changes;

    private sealed record Held(double Dpus, bool IsFlex, DateTimeOffset? PromisedOn, long Change);

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
    }

    public int RunsHeld => _held.Count;

    /// <summary>Reserves what the run needs, if there is room for it besides those of its kind that have waited longer.</summary>
    /// <remarks>A place in the queue is kept until the row says that the run has left it. A run that asks again is promised
    /// again: its row is still to be written.</remarks>
    public bool TryGrant(CapacityRequest request, DateTimeOffset now)
    {
        EndTurns(now);
        if (!_held.ContainsKey(request.RunId) && InTheWay(request, Elders(request)) != CapacityLimit.None)
            return false;
        Drop(request.RunId);
        Hold(request.RunId, request.Dpus, request.IsFlex, now);
        Forget(request.RunId);
        return true;
    }

    /// <summary>What a request that was not granted gets instead: a wait, and a place in the queue if it wants one; or no.</summary>
    /// <returns>The limit it came up against, and whether it may wait.</returns>
    public (CapacityLimit Limit, bool MayWait) Queue(
        CapacityRequest request,
        DateTimeOffset now,
        bool executorsAreFull = false
    )
    {
        var limit = executorsAreFull ? CapacityLimit.Executors : InTheWay(request, Elders(request));
        var wantsPlace = request.Purpose is CapacityPurpose.Queue or CapacityPurpose.StartOrQueue;
        if (request.Purpose == CapacityPurpose.Start || request.Dpus > Pool(request.IsFlex))
            return (limit, false);
        if (wantsPlace && !_places.ContainsKey(request.RunId))
        {
            if (_places.Count >= limits.QueuedRuns)
                return (CapacityLimit.QueuedRuns, false);
            _places.Add(request.RunId, new Place(now, ++_changes));
        }

        if (request.Purpose != CapacityPurpose.Queue)
        {
            // Once more, if it had its turn and found no room: it is to be told of the next.
            var asker = _askersById.GetValueOrDefault(request.RunId) ?? new Asker(request);
            asker.ToldOn = null;
            _askers.Add(asker);
            _askersById[request.RunId] = asker;
            asker.AskedOn = now;
        }

        return (limit, true);
    }

    /// <summary>No executor node had room for the run that was granted: it holds nothing, and until there is room nobody is
    /// told to ask.</summary>
    public void TakeBack(string runId, bool executorsAreFull)
    {
        Drop(runId);
        if (executorsAreFull)
            _executorRoom = 0;
    }

    /// <summary>A run that was granted has its place on an executor node.</summary>
    public void FoundExecutor() => _executorRoom = _executorRoom > 0 ? _executorRoom - 1 : _executorRoom;

    /// <summary>For whom the executors are to be asked to tell of room: they are known to have none.</summary>
    public CapacityRequest? WaitsForExecutors => _executorRoom == 0 ? _askers.Min?.Request : null;

    /// <summary>The executor nodes have room for so many runs.</summary>
    public void ExecutorsHaveRoom(int runs) => _executorRoom = runs;

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

    /// <summary>The job can start none of its runs now: they keep nobody waiting until it asks again.</summary>
    public void Decline(JobKey job)
    {
        foreach (var asker in _askers.Where(asker => asker.Request.Job == job).ToList())
            Forget(asker.Request.RunId);
    }

    /// <summary>The jobs whose runs there is room for, those that have waited longest first. Each has its turn now.</summary>
    public IReadOnlyList<JobKey> TakeTurns(DateTimeOffset now)
    {
        EndTurns(now);
        var (runs, task, flex) = (_held.Count, _taskDpus, _flexDpus);
        var room = _executorRoom ?? int.MaxValue;
        HashSet<bool> blocked = [];
        List<JobKey> jobs = [];
        foreach (var asker in _askers)
        {
            if (room <= 0)
                break;
            var request = asker.Request;
            if (blocked.Contains(request.IsFlex))
                continue;
            var used = request.IsFlex ? flex : task;
            if (runs >= limits.ConcurrentRuns || used + request.Dpus > Pool(request.IsFlex))
            {
                blocked.Add(request.IsFlex);
                continue;
            }

            room--;
            runs++;
            if (request.IsFlex)
                flex += request.Dpus;
            else
                task += request.Dpus;
            if (asker.ToldOn is null)
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

    /// <summary>What a roster read from now on can speak about: all that was written down up to here. Take it before
    /// reading.</summary>
    public long Known() => _changes;

    /// <summary>Takes over what the table said. What was written down after <paramref name="known"/>, and what is promised,
    /// is left as it is: the roster may be older.</summary>
    /// <param name="known">From before the read.</param>
    /// <param name="roster">What was read.</param>
    /// <param name="then">When the read began: a promise that was good then is kept, since its epoch goes on.</param>
    public void Correct(long known, AccountRoster roster, DateTimeOffset then)
    {
        var holders = roster.Holders.ToDictionary(holder => holder.RunId, StringComparer.Ordinal);
        var waiting = roster.Waiting.ToHashSet(StringComparer.Ordinal);
        foreach (var (runId, held) in _held.ToList())
        {
            if (held.Change <= known && !holders.ContainsKey(runId) && IsOver(held.PromisedOn))
                Drop(runId);
        }

        foreach (var (runId, place) in _places.ToList())
        {
            if (place.Change <= known && !waiting.Contains(runId) && IsOver(place.PromisedOn))
            {
                _places.Remove(runId);
                Forget(runId);
            }
        }

        foreach (var holder in roster.Holders)
        {
            if (_held.TryGetValue(holder.RunId, out var held) && held.Change > known)
                continue;
            Drop(holder.RunId);
            Hold(holder.RunId, holder.Dpus, holder.IsFlex, promisedOn: null);
            _places.Remove(holder.RunId);
            Forget(holder.RunId);
        }

        foreach (var runId in waiting)
            _places[runId] = new Place(PromisedOn: null, ++_changes);

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
        // The first in line asks the executors again, each time; nobody overtakes it.
        if (elders.Count > 0 && elders.Count >= _executorRoom)
            return CapacityLimit.Executors;
        if (_held.Count + elders.Count >= limits.ConcurrentRuns)
            return CapacityLimit.ConcurrentRuns;
        var used = (request.IsFlex ? _flexDpus : _taskDpus) + elders.Sum(elder => elder.Request.Dpus);
        if (used + request.Dpus <= Pool(request.IsFlex))
            return CapacityLimit.None;
        return request.IsFlex ? CapacityLimit.FlexDpus : CapacityLimit.TaskDpus;
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

    private void Hold(string runId, double dpus, bool isFlex, DateTimeOffset? promisedOn)
    {
        var held = new Held(dpus, isFlex, promisedOn, ++_changes);
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
