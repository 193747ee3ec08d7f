using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway.Limits;

public sealed class The_backlog
{
    private static readonly TimeSpan TooLong = Backlog.Longest;
    private readonly FakeTimeProvider _clock = new();
    private readonly Queue<IThreadPoolWorkItem> _line = new();
    private readonly Backlog _backlog;

    public The_backlog() =>
        _backlog = new Backlog(Options.Create(new GatewayOptions { MaxConcurrentRequests = 2 }), _clock, _line.Enqueue);

    [Fact]
    public void Has_the_more_in_excess_the_later_threads_come_to_many_connections()
    {
        Connect(Backlog.Few + 1);
        Ask();
        _clock.Advance(Backlog.Short);
        Assert.Equal(0, _backlog.Excess);
        _clock.Advance((Backlog.Longest - Backlog.Short) / 2);
        Assert.Equal(0.5, _backlog.Excess, tolerance: 0.01);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _backlog.Excess);

        // The last that was seen counts until there is something newer.
        _line.Dequeue().Execute();
        Assert.Equal(1, _backlog.Excess);
        Ask();
        _line.Dequeue().Execute();
        Assert.Equal(0, _backlog.Excess);
    }

    [Fact]
    public void Has_no_excess_with_few_connections_however_late_threads_come()
    {
        Connect(Backlog.Few);
        Ask();
        _clock.Advance(TooLong);
        Assert.Equal(0, _backlog.Excess);
    }

    [Fact]
    public async Task Forgets_connections_that_end_well_or_not()
    {
        var (good, bad) = (new TaskCompletionSource(), new TaskCompletionSource());
        Connect(Backlog.Few - 1);
        var well = Connect(good.Task);
        var ill = Connect(bad.Task);
        Ask();
        _clock.Advance(TooLong);
        Assert.Equal(1, _backlog.Excess);

        bad.SetException(new IOException());
        await Assert.ThrowsAsync<IOException>(() => ill);
        Assert.Equal(0, _backlog.Excess);
        Connect(1);
        Assert.Equal(1, _backlog.Excess);
        good.SetResult();
        await well;
        Assert.Equal(0, _backlog.Excess);
    }

    [Fact]
    public void Does_not_hold_against_a_request_what_it_saw_long_ago()
    {
        Connect(Backlog.Few + 1);
        Ask();
        _clock.Advance(TooLong);
        _line.Dequeue().Execute();
        Assert.Equal(1, _backlog.Excess);
        _clock.Advance(Backlog.Fresh + TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, _backlog.Excess);
    }

    [Fact]
    public void Puts_one_thing_in_line_at_a_time_and_only_when_it_is_asked()
    {
        Connect(Backlog.Few + 1);
        for (var i = 0; i < 10; i++)
            Ask();
        Assert.Single(_line);
        _line.Dequeue().Execute();
        _ = _backlog.Excess;
        Assert.Empty(_line);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_line);
        Ask();
        Assert.Single(_line);
    }

    /// <summary>At a time when something newer is wanted.</summary>
    private void Ask()
    {
        _clock.Advance(Backlog.Interval + TimeSpan.FromMilliseconds(1));
        _ = _backlog.Excess;
    }

    private void Connect(int count)
    {
        for (var i = 0; i < count; i++)
            _ = Connect(new TaskCompletionSource().Task);
    }

    private Task Connect(Task until) => _backlog.Counting(_ => until)(new DefaultConnectionContext());
}
