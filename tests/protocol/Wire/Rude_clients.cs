using System.Diagnostics;
using System.Globalization;
using System.Net;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Wire;

/// <summary>Clients that are slow, or mean it: the node goes on answering others, and its memory does not grow with them.</summary>
public sealed class Rude_clients : IAsyncLifetime
{
    private const int Many = 50;
    private const long Megabyte = 1024 * 1024;
    private ServerProcess _server = null!;
    private GlueUser _user = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.Start(
            // Fewer than there are rude clients: whoever held a place would keep all others out.
            "--Gateway:MaxConcurrentRequests=4",
            "--Gateway:HeadersTimeout=00:00:02",
            "--Gateway:BodyTimeout=00:00:02",
            "--Gateway:MaxRequestBytes=1048576",
            "--Gateway:MaxBodyBytes=8388608",
            "--Gateway:MaxRequestLineBytes=2048",
            "--Gateway:MaxHeaderBytes=4096",
            "--Gateway:MaxHeaders=20"
        );
        _user = _server.NewAccount();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task That_never_end_their_headers_are_cut_off()
    {
        var clients = await RudeClient.Connect(_server, Many);
        try
        {
            foreach (var client in clients)
                await client.Send("POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
            // A letter at a time, as often as the node answers somebody else.
            var letter = "a"u8.ToArray();
            while (await Sent(clients, letter) > 0)
                await AssertAnswersOthers();
            foreach (var client in clients)
                await client.HearsUntilTheEnd();
        }
        finally
        {
            Dispose(clients);
        }
    }

    [Fact]
    public async Task That_never_end_their_bodies_are_told_so_and_keep_nobody_waiting()
    {
        var clients = await RudeClient.Connect(_server, Many);
        try
        {
            foreach (var client in clients)
                await client.Send(RudeClient.Head("Content-Length: 10000") + "{\"JobName\":");
            await AssertAnswersOthers();
            foreach (var client in clients)
            {
                var heard = await client.HearsUntilTheEnd();
                Assert.StartsWith("HTTP/1.1 400", heard, StringComparison.Ordinal);
                Assert.Contains("RequestTimeoutException", heard, StringComparison.Ordinal);
            }
        }
        finally
        {
            Dispose(clients);
        }
    }

    [Fact]
    public async Task That_send_without_end_are_told_that_it_is_too_much()
    {
        await AssertAnswersOthers();
        var before = Memory();
        var chunk = new byte[64 * 1024];
        var sent = 0L;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Flood()));
        Assert.True(sent > 8 * Megabyte, $"Only {sent} bytes were taken.");
        await AssertAnswersOthers();
        AssertGrewByLessThan(100 * Megabyte, before);

        async Task Flood()
        {
            using var client = await RudeClient.Connect(_server);
            await client.Send(RudeClient.Head("Transfer-Encoding: chunked"));
            var size = chunk.Length.ToString("x", CultureInfo.InvariantCulture);
            while (
                await client.TrySend(System.Text.Encoding.ASCII.GetBytes($"{size}\r\n"))
                && await client.TrySend(chunk)
                && await client.TrySend("\r\n"u8.ToArray())
            )
                Interlocked.Add(ref sent, chunk.Length);
        }
    }

    /// <summary>As many as this machine lets one process have, up to ten thousand.</summary>
    [Fact]
    public async Task That_only_connect_cost_next_to_nothing()
    {
        await using var server = await ServerProcess.Start("--Gateway:MaxConnections=15000");
        var user = server.NewAccount();
        await user.Call("ListJobs", new { });
        var before = Memory(server);
        var count = Math.Min(10_000, OpenFiles() / 4);
        var clients = await RudeClient.Connect(server, count);
        try
        {
            await user.Call("ListJobs", new { });
            var each = (Memory(server) - before) / count;
            Assert.True(each < 32 * 1024, $"{each} bytes for each of {count} connections.");
        }
        finally
        {
            Dispose(clients);
        }
    }

    [Fact]
    public async Task That_take_all_connections_lose_them_when_they_do_not_use_them()
    {
        await using var server = await ServerProcess.Start(
            "--Gateway:MaxConnections=10",
            "--Gateway:KeepAliveTimeout=00:00:02"
        );
        var clients = await RudeClient.Connect(server, 10);
        try
        {
            using (var eleventh = await RudeClient.Connect(server))
                Assert.Equal("", await eleventh.HearsUntilTheEnd());
            foreach (var client in clients)
                await client.HearsUntilTheEnd();
            await Poll.Until(() => Answers(server), so => so, "the node answers again", server.Log.ToString);
        }
        finally
        {
            Dispose(clients);
        }
    }

    /// <summary>The web server takes the end of what a client sends for the end of the client: it may hear an answer, if that
    /// is quick, and it does not keep its connection.</summary>
    [Fact]
    public async Task That_send_no_more_but_listen_are_let_go()
    {
        var clients = await RudeClient.Connect(_server, Many);
        try
        {
            const string Body = "{\"JobName\":\"none\"}";
            foreach (var client in clients)
            {
                await client.Send(RudeClient.Head($"Content-Length: {Body.Length}") + Body);
                client.SendNoMore();
            }

            foreach (var client in clients)
                await client.HearsUntilTheEnd();
            await AssertAnswersOthers();
        }
        finally
        {
            Dispose(clients);
        }
    }

    [Fact]
    public async Task That_vanish_in_the_middle_leave_nothing_behind()
    {
        foreach (var client in await RudeClient.Connect(_server, Many))
        {
            await client.Send(RudeClient.Head("Content-Length: 500000") + new string('x', 100_000));
            client.Vanish();
        }

        // All of the memory for bodies is there again: one that needs half of it at once is read.
        await Poll.Until(
            async () => (await _user.Send("StartJobRun", new string(' ', (int)Megabyte))).ErrorCode,
            code => code == "SerializationException",
            "a large body is read",
            _server.Log.ToString
        );
        await AssertAnswersOthers();
    }

    [Theory]
    [InlineData("414", "POST /?{0} HTTP/1.1\r\nHost: localhost\r\n\r\n", 3000)]
    [InlineData("431", "POST / HTTP/1.1\r\nHost: localhost\r\nX-Large: {0}\r\n\r\n", 5000)]
    [InlineData("431", "POST / HTTP/1.1\r\nHost: localhost\r\n{0}\r\n", 30)]
    public async Task With_giant_headers_are_refused(string status, string request, int size)
    {
        var filler =
            size < 100 ? string.Concat(Enumerable.Range(0, size).Select(i => $"X-{i}: 1\r\n")) : new string('x', size);
        using var client = await RudeClient.Connect(_server);
        await client.Send(string.Format(CultureInfo.InvariantCulture, request, filler));
        Assert.StartsWith($"HTTP/1.1 {status}", await client.HearsUntilTheEnd(), StringComparison.Ordinal);
        await AssertAnswersOthers();
    }

    [Fact]
    public async Task That_talk_garbage_after_a_request_are_answered_and_then_cut_off()
    {
        using var client = await RudeClient.Connect(_server);
        await client.Send(
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n\0\u00ff\u0001 garbage\r\n\r\n" + new string('\u0080', 5000)
        );
        var heard = await client.HearsUntilTheEnd();
        Assert.StartsWith("HTTP/1.1 200", heard, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 400", heard, StringComparison.Ordinal);
        await AssertAnswersOthers();
    }

    /// <summary>Answers that nobody takes stop with the first that find no room.</summary>
    [Fact]
    public async Task That_ask_on_and_on_and_never_listen_keep_nobody_waiting()
    {
        await AssertAnswersOthers();
        var before = Memory();
        var clients = await RudeClient.Connect(_server, 10);
        try
        {
            var requests = System.Text.Encoding.ASCII.GetBytes(
                string.Concat(Enumerable.Repeat("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 10_000))
            );
            var sending = clients.Select(client => client.TrySend(requests)).ToList();
            await AssertAnswersOthers();
            AssertGrewByLessThan(100 * Megabyte, before);
            Dispose(clients);
            await Task.WhenAll(sending);
        }
        finally
        {
            Dispose(clients);
        }
    }

    private async Task AssertAnswersOthers()
    {
        await _user.Call("ListJobs", new { });
        Assert.Equal("EntityNotFoundException", (await _user.Try("StartJobRun", new { JobName = "none" })).ErrorCode);
        using var http = new HttpClient { BaseAddress = _server.Url };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);
    }

    private static async Task<bool> Answers(ServerProcess server)
    {
        try
        {
            return (await server.NewAccount().Try("ListJobs", new { })).Status == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<int> Sent(IReadOnlyList<RudeClient> clients, byte[] bytes)
    {
        var sent = 0;
        foreach (var client in clients)
            sent += await client.TrySend(bytes) ? 1 : 0;
        return sent;
    }

    private long Memory() => Memory(_server);

    private static long Memory(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.Pid);
        return process.WorkingSet64;
    }

    private void AssertGrewByLessThan(long bytes, long before)
    {
        var grown = Memory() - before;
        Assert.True(grown < bytes, $"The node takes {grown / Megabyte} MB more than before.");
    }

    private static int OpenFiles()
    {
        const string Line = "Max open files";
        var line = File.Exists("/proc/self/limits")
            ? File.ReadLines("/proc/self/limits").First(l => l.StartsWith(Line, StringComparison.Ordinal))
            : $"{Line} 1024";
        var soft = line[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : int.MaxValue;
    }

    private static void Dispose(IEnumerable<RudeClient> clients)
    {
        foreach (var client in clients)
            client.Dispose();
    }
}
