using GlueOrleans.Gateway.Limits;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway.Limits;

public sealed class Held_refusals
{
    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(250, 1, 0.5)]
    [InlineData(1000, 1, 2)]
    [InlineData(1000, 2, 1)]
    [InlineData(4000, 1, 5)]
    public void Take_the_longer_the_more_there_are(int held, int cores, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), HeldRefusals.PauseOf(held, cores));

    [Fact]
    public async Task Are_no_longer_counted_when_they_were_given_or_nobody_waits_for_them()
    {
        var clock = new FakeTimeProvider();
        var refusals = new HeldRefusals(clock);
        using var gone = new CancellationTokenSource();
        var many = Enumerable.Range(0, 20_000 * Environment.ProcessorCount).Select(_ => refusals.Hold(gone.Token));
        var held = many.ToList();
        clock.Advance(HeldRefusals.Shortest);
        Assert.True(held[0].IsCompletedSuccessfully);
        Assert.False(held[^1].IsCompleted);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(held));
        var next = refusals.Hold(CancellationToken.None);
        clock.Advance(HeldRefusals.Shortest);
        await next.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
