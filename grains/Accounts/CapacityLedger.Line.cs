using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Grains.Accounts;

/// <summary>The line: who asked and was told to wait, in which order they are called, and who comes before whom.</summary>
public sealed partial class CapacityLedger
{
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
        if (_askers.Count == 0)
            return [];
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

    /// <summary>
    /// Runs of the same kind that come first. Of other jobs those that have waited longer than any of this job's: which of
    /// its own runs is next is the job's business, and need not be the one that asked first. But a new run does not pass one
    /// of its own job that was told to wait.
    /// </summary>
    private IReadOnlyList<Asker> Elders(CapacityRequest request)
    {
        if (_askers.Count == 0)
            return [];
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
        if (_askers.Count == 0)
            return;
        foreach (var asker in _askers.Where(asker => now - asker.ToldOn > TurnLasts).ToList())
            Forget(asker.Request.RunId);
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

    private void Forget(string runId)
    {
        if (_askersById.Remove(runId, out var asker))
            _askers.Remove(asker);
        if (_askers.Count == 0)
            _onTheirWay = int.MaxValue;
    }

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
}
