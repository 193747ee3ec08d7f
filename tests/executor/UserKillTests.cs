using System.Diagnostics;
using GlueOrleans.Executors;
using GlueOrleans.Executors.Cage;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>As root only.</summary>
public sealed class UserKillTests : ExecutorTest
{
    private const string Leaps = """
        import ctypes, os, time
        quick = ctypes.CDLL(None)
        for _ in range(8):
            if os.fork() == 0:
                os.setsid()
                until = time.monotonic() + 60
                while time.monotonic() < until:
                    if quick.fork() > 0: quick._exit(0)
                os._exit(0)
        print('leaping', flush=True)
        time.sleep(60)
        """;

    [Fact]
    public async Task One_stroke_ends_what_leaps_from_copy_to_copy()
    {
        Cage();
        var user = Options.Range!.Value.First;
        using var leaping = Process.Start(
            new ProcessStartInfo("setpriv", [$"--reuid={user}", "--clear-groups", Options.Python, "-c", Leaps])
            {
                RedirectStandardOutput = true,
            }
        )!;
        Assert.Equal("leaping", await leaping.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        Assert.True(UserKill.All(user));

        await leaping.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Until(() => !ProcessTree.Users().Contains(user), "gone");
    }

    [Fact]
    public void It_ends_nobody_of_the_node_and_of_the_system()
    {
        Assert.False(UserKill.All(Posix.EffectiveUser));
        Assert.False(UserKill.All(0));
        Assert.False(UserKill.All(1));
    }
}
