using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Security;

/// <summary>It has a port, as every silo has. Whoever finds it, a script for one, must not become a part of the cluster.</summary>
public sealed class A_silo_that_is_alone
{
    [Fact]
    public async Task Has_nothing_to_say_to_other_silos()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Listening sockets of a process are found in /proc.");
        await using var server = await ServerProcess.Start();
        var port = Assert.Single(Listening(server.Pid), endpoint => endpoint.Port != server.Url.Port);

        using var limit = new CancellationTokenSource(Poll.Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(port, limit.Token);
        var heard = 0;
        try
        {
            heard = await client.GetStream().ReadAsync(new byte[1], limit.Token);
        }
        catch (IOException)
        {
            // Cut off.
        }

        // A silo begins with who it is.
        Assert.Equal(0, heard);
    }

    private static List<IPEndPoint> Listening(int pid)
    {
        const string Listen = "0A";
        var sockets = Directory
            .EnumerateFileSystemEntries($"/proc/{pid}/fd")
            .Select(fd => File.ResolveLinkTarget(fd, returnFinalTarget: false)?.Name ?? "")
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. File.ReadLines($"/proc/{pid}/net/tcp")
                .Skip(1)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields[3] == Listen && sockets.Contains($"socket:[{fields[9]}]"))
                .Select(fields => EndPoint(fields[1])),
        ];
    }

    /// <summary>Of <c>0100007F:11E4</c>: the address as the machine keeps it, the port as people write it.</summary>
    private static IPEndPoint EndPoint(string text)
    {
        var (address, port) = (text.Split(':')[0], text.Split(':')[1]);
        return new IPEndPoint(
            new IPAddress(
                BitConverter.GetBytes(uint.Parse(address, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            ),
            int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        );
    }
}
