using GlueOrleans.Executors;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class FileOwnerTests : IDisposable
{
    private const int Somebody = 12_345;
    private readonly string _old = Path.GetTempFileName();
    private readonly string _new = Path.GetTempFileName();

    public void Dispose()
    {
        File.Delete(_old);
        File.Delete(_new);
    }

    [Fact]
    public void What_takes_a_file_s_place_becomes_its_owner_s()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root gives files away.");
        Posix.ChangeOwner(_old, Somebody, Somebody + 1);
        FileOwner.Copy(_old, _new);
        using var handle = File.OpenHandle(_new);
        Assert.Equal(
            (Somebody, Somebody + 1),
            (FileStatus.Of(handle)!.Value.Owner, FileStatus.Of(handle)!.Value.Group)
        );
    }

    [Fact]
    public void One_s_own_stays_one_s_own() => FileOwner.Copy(_old, _new);
}
