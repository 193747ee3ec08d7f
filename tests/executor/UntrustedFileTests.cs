using System.Diagnostics;
using GlueOrleans.Executors;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class UntrustedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("glue-untrusted-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>In a view of the disks that a script can make for itself, a harmless name may lead to the node's credentials.</summary>
    [Fact]
    public async Task A_file_that_has_another_s_name_in_another_view_of_the_disks_is_not_found()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root mounts.");
        var (secret, shown, link) = (PathOf("secret"), PathOf("shown"), PathOf("link"));
        await File.WriteAllTextAsync(secret, "secret");
        await File.WriteAllTextAsync(shown, "shown");
        using var other = Process.Start(
            new ProcessStartInfo("unshare", ["-m", "sh", "-c", $"mount --bind {secret} {shown} && echo $$; sleep 300"])
            {
                RedirectStandardOutput = true,
            }
        )!;
        try
        {
            var pid = await other.StandardOutput.ReadLineAsync();
            Assert.SkipWhen(pid is null, "Mounting is not allowed here.");
            File.CreateSymbolicLink(link, $"/proc/{pid}/root{shown}");
            Assert.Equal("secret", await File.ReadAllTextAsync(link));

            Assert.Throws<FileNotFoundException>(() => UntrustedFile.Find(link));
            using var found = UntrustedFile.Find(shown);
            Assert.Equal(shown, found.Path);
        }
        finally
        {
            other.Kill(entireProcessTree: true);
        }
    }

    /// <summary>A file system with 64 bits for times has room for years that .NET does not know.</summary>
    [Theory]
    [InlineData("@1099511627776")]
    [InlineData("2199-01-01")]
    public async Task A_time_that_is_not_yet_is_taken_for_now(string time)
    {
        const string Memory = "/dev/shm";
        Assert.SkipUnless(Directory.Exists(Memory), "There is no file system in memory here.");
        var file = Path.Combine(Memory, Path.GetRandomFileName());
        await File.WriteAllTextAsync(file, "");
        try
        {
            using var touch = Process.Start("touch", ["-d", time, file]);
            await touch.WaitForExitAsync();
            var before = TimeProvider.System.GetUtcNow().AddMilliseconds(-1);
            Assert.InRange(
                FileTime.WrittenAt(() => File.GetLastWriteTimeUtc(file)),
                before,
                TimeProvider.System.GetUtcNow()
            );
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_script_that_grows_while_it_is_copied_is_too_large()
    {
        var copy = PathOf("copy");
        await using var endless = File.OpenRead("/dev/zero");
        Assert.Equal(
            "Script /x.py has more than 67108864 bytes, the most that are taken for a script.",
            await ScriptSource.Copy(endless, copy, "/x.py", CancellationToken.None)
        );
        Assert.InRange(new FileInfo(copy).Length, 0, ScriptSource.Largest);
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
