using CsCheck;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.Unit.Bookmarks;

public sealed class BookmarkLedgerTests
{
    private static readonly BookmarkHead None = new(0, null);

    [Fact]
    public void The_first_success_counts_from_nothing()
    {
        RunRecord run = ARun().WithId("jr_1");

        var entry = BookmarkLedger.Committed(None, run, new BookmarkCommit(0, 0, """{"a":1}"""));

        Assert.Equal(
            new BookmarkEntry
            {
                Job = TheJob,
                Revision = 1,
                Version = 1,
                Run = 1,
                Attempt = 0,
                RunId = "jr_1",
                State = """{"a":1}""",
            },
            entry
        );
    }

    [Fact]
    public void The_next_success_counts_on_and_names_the_run_before()
    {
        var first = Commit(None, "jr_1");

        var second = Commit(Head(first), "jr_2_attempt_1", attempt: 1);

        Assert.Equal((2, 2, 1), (second.Version, second.Run, second.Attempt));
        Assert.Equal(("jr_2_attempt_1", "jr_1"), (second.RunId, second.PreviousRunId));
    }

    [Fact]
    public void A_reset_begins_again_and_belongs_to_no_run()
    {
        var first = Commit(None, "jr_1");

        var reset = BookmarkLedger.Reset(Head(first), first);
        var next = Commit(Head(reset), "jr_2");

        Assert.Equal((2, 0, 0, 0), (reset.Revision, reset.Version, reset.Run, reset.Attempt));
        Assert.Equal(("{}", null, null), (reset.State, reset.RunId, reset.PreviousRunId));
        Assert.Equal((3, 1, 1, null), (next.Revision, next.Version, next.Run, next.PreviousRunId));
    }

    [Fact]
    public void A_rewind_makes_a_run_current_again_as_a_further_version()
    {
        var first = Commit(None, "jr_1");
        var second = Commit(Head(first), "jr_2");

        var rewound = BookmarkLedger.Rewound(Head(second), second, first);
        var next = Commit(Head(rewound), "jr_3");

        Assert.Equal(first with { Revision = 3, Version = 3 }, rewound);
        Assert.Equal((4, 2, "jr_1"), (next.Version, next.Run, next.PreviousRunId));
    }

    [Fact]
    public void A_commit_claims_the_revision_after_the_one_it_has_read_whatever_is_there_now()
    {
        var first = Commit(None, "jr_1");

        var late = BookmarkLedger.Committed(Head(first), ARun(), new BookmarkCommit(0, 0, "{}"));

        Assert.Equal(1, late.Revision);
    }

    [Fact]
    public void A_stale_commit_is_explained_in_Glues_words_and_with_a_remedy()
    {
        var message = BookmarkLedger.Stale(new BookmarkCommit(7, 3, "{}"), Head(Commit(None, "jr_1")));

        Assert.StartsWith(
            "Continuation update failed due to version mismatch. Expected version 3 but found version 1.",
            message,
            StringComparison.Ordinal
        );
        Assert.Contains("Run the job again", message, StringComparison.Ordinal);
    }

    private enum Step
    {
        Commit,
        Retry,
        Reset,
        Rewind,
    }

    /// <summary>Any history of commits, resets and rewinds, held against what the words of the API promise.</summary>
    [Fact]
    public void However_a_bookmark_is_moved_its_counters_mean_what_they_say() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 100])
            .List[1, 40]
            .Sample(steps =>
            {
                List<BookmarkEntry> history = [];
                foreach (var (step, number) in steps)
                {
                    var head = history.Count == 0 ? None : Head(history[^1]);
                    var next =
                        head.Latest is not { } latest || step is Step.Commit or Step.Retry
                            ? Commit(head, $"jr_{history.Count}", step == Step.Retry ? 1 : 0)
                        : step == Step.Rewind && WrittenByRuns(history) is { Count: > 0 } candidates
                            ? BookmarkLedger.Rewound(head, latest, candidates[number % candidates.Count])
                        : BookmarkLedger.Reset(head, latest);
                    history.Add(next);
                }

                for (var i = 1; i < history.Count; i++)
                {
                    var (before, entry) = (history[i - 1], history[i]);
                    Assert.Equal(before.Revision + 1, entry.Revision);
                    Assert.True(entry.RunId is null ? entry.Version == 0 : entry.Version == before.Version + 1);
                    // One more success than the state it was made from, which is that of the run it names.
                    var origin = history[..i].FindLast(old => old.RunId == entry.PreviousRunId);
                    if (entry.RunId is not null && entry.PreviousRunId is not null)
                        Assert.Equal(origin!.Run + 1, entry.Run);
                }
            });

    private static List<BookmarkEntry> WrittenByRuns(List<BookmarkEntry> history) =>
        [.. history.Where(entry => entry.RunId is not null)];

    private static BookmarkHead Head(BookmarkEntry latest) => new(latest.Revision, latest);

    private static BookmarkEntry Commit(BookmarkHead head, string runId, int attempt = 0) =>
        BookmarkLedger.Committed(
            head,
            ARun().WithId(runId).OnAttempt(attempt),
            new BookmarkCommit(head.Revision, head.Latest?.Version ?? 0, "{}")
        );
}
