using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Executors;
using Xunit;

namespace GlueOrleans.Tests.Unit.Executors;

public sealed class ExecutorLineTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ExecutorLine _line = new();

    [Fact]
    public void Those_of_other_accounts_come_first_that_have_waited_longer()
    {
        _line.Add(Request("a", "one", dpus: 1, waited: 3), Now);
        _line.Add(Request("b", "two", dpus: 2, waited: 5), Now);

        Assert.Equal([2], _line.AheadOf(Request("a", "one", waited: 3), Now));
        Assert.Equal([2, 1], _line.AheadOf(Request("c", "three"), Now));
        Assert.Empty(_line.AheadOf(Request("d", "three", waited: 6), Now));
        // Which of its own is next is the account's business.
        Assert.Empty(_line.AheadOf(Request("retry", "two"), Now));
    }

    [Fact]
    public void Each_is_called_once_when_there_is_room_besides_those_ahead()
    {
        _line.Add(Request("a", "one", dpus: 4, waited: 3), Now);
        _line.Add(Request("b", "two", dpus: 1, waited: 2), Now);

        Assert.Empty(_line.Call((dpus, ahead) => dpus + ahead.Sum() <= 3, Now));
        Assert.Equal([("one", 4d)], _line.Call((dpus, ahead) => dpus + ahead.Sum() <= 4, Now));
        Assert.Equal([("two", 1d)], _line.Call((dpus, ahead) => dpus + ahead.Sum() <= 5, Now));
        Assert.Empty(_line.Call((_, _) => true, Now));
    }

    [Fact]
    public void Who_was_called_and_does_not_come_keeps_others_waiting_no_longer_than_a_turn()
    {
        _line.Add(Request("a", "one", waited: 3), Now);
        _line.Call((_, _) => true, Now);

        Assert.NotEmpty(_line.AheadOf(Request("b", "two"), Now + ExecutorLine.TurnLasts));
        Assert.Empty(_line.AheadOf(Request("b", "two"), Now + ExecutorLine.TurnLasts + TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void Who_does_not_ask_any_more_is_called_a_last_time()
    {
        _line.Add(Request("a", "one", waited: 3), Now);

        Assert.Empty(_line.Call((_, _) => false, Now + ExecutorLine.WaitLasts));
        Assert.NotEmpty(_line.Call((_, _) => false, Now + ExecutorLine.WaitLasts + TimeSpan.FromTicks(1)));
        Assert.True(_line.IsEmpty);
    }

    private static PlaceRequest Request(string runId, string account, double dpus = 1, int waited = 0) =>
        new(runId, account, dpus, Now.AddSeconds(-waited), MayWait: true);
}
