using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using GlueOrleans.Tests.FuzzSuite.Cases;
using GlueOrleans.Tests.FuzzSuite.Hosts;

namespace GlueOrleans.Tests.FuzzSuite.Drivers;

/// <summary>Bytes to a port: what is a request, was one, or promises another body than it has.</summary>
internal sealed partial class SocketDriver(FakeGateway gateway) : Driver<byte[]>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public override string Name => "sockets";

    public override byte[] Make(Random random)
    {
        var request = HttpCases.Any(random);
        if (request.Method.Length == 0 || request.Target.Length == 0)
            request = request with { Method = "POST", Target = "/" };
        var bytes = Written(random, request);
        return random.Chance(2) ? Mutations.OfBytes(random, bytes) : bytes;
    }

    public override async Task<Tried> Try(byte[] theCase, Random random)
    {
        gateway.Random = random;
        var answer = await Exchange(theCase, Pause);
        var status = StatusLine().Match(answer);
        var code =
            status.Success ? status.Groups[1].Value
            : answer.Length == 0 ? "closed"
            : "no HTTP";
        // 505 is HTTP's own: of a version that is none.
        var fault = ServerFault().Match(answer);
        return new Tried(
            fault.Success ? $"the answer is {fault.Value}: {answer}"
                : code == "no HTTP" ? $"the answer is not HTTP: {answer}"
                : null,
            code
        );
    }

    public override async Task<string?> Sane()
    {
        gateway.Random = new Random(0);
        var answer = await Exchange(
            Written(new Random(0), HttpCase.Json("ListJobs", "{}"u8.ToArray()), isPlain: true),
            Patience
        );
        return answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)
            ? null
            : $"ListJobs is answered so: {answer}";
    }

    public override IEnumerable<byte[]> Smaller(byte[] theCase) => Shrinking.Of(theCase);

    public override string Show(byte[] theCase) => HttpCase.Shown(theCase);

    private async Task<string> Exchange(byte[] bytes, TimeSpan pause)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Without this, a client that closes first keeps its port for a minute: there are not that many.
        client.LingerState = new LingerOption(enable: true, seconds: 0);
        await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, patience.Token);
        await using var stream = new NetworkStream(client);
        using var answer = new MemoryStream();
        var buffer = new byte[4096];
        var isOpen = true;
        try
        {
            await stream.WriteAsync(bytes, patience.Token);
            while (true)
            {
                var reading = stream.ReadAsync(buffer, patience.Token).AsTask();
                // What waits for more of the request is told that there is none. Not before: Kestrel takes a client that
                // closes its half for one that has gone, and does not answer.
                if (isOpen && await Task.WhenAny(reading, Task.Delay(pause, TimeProvider.System)) != reading)
                {
                    client.Shutdown(SocketShutdown.Send);
                    isOpen = false;
                }

                var read = await reading;
                if (read == 0)
                    break;
                answer.Write(buffer, 0, read);
            }
        }
        catch (IOException)
        {
            // Kestrel cuts the connection of who breaks off, or goes on after a head that is none.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }

    /// <summary>On the wire, with a body that is framed well, or badly.</summary>
    private static byte[] Written(Random random, HttpCase request, bool isPlain = false)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Target} HTTP/1.1\r\n");
        if (isPlain || !random.Chance(4))
            head.Append("Connection: close\r\n");
        foreach (var (name, value) in request.Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        var (length, body) = (request.Body.Length, request.Body);
        switch (isPlain ? 0 : random.Next(12))
        {
            case 1:
                head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length + random.Next(-3, 4)}\r\n");
                break;
            case 2:
                head.Append("Content-Length: 4\r\nContent-Length: 5\r\n");
                break;
            case 3:
                head.Append(random.Pick(["Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n", ""]));
                break;
            case 4:
                head.Append("Transfer-Encoding: chunked\r\n");
                body = Chunked(random, body);
                break;
            case 5:
                head.Append(
                    CultureInfo.InvariantCulture,
                    $"Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"
                );
                break;
            case 6:
                head.Append(
                    CultureInfo.InvariantCulture,
                    $"Transfer-Encoding: {random.Pick(["gzip", "gzip, chunked", "identity", "chunked, chunked", "xchunked"])}\r\n"
                );
                body = Chunked(random, body);
                break;
            default:
                head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
                break;
        }

        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. "\r\n"u8, .. body];
    }

    private static byte[] Chunked(Random random, byte[] body)
    {
        var chunks = new List<byte>();
        for (var at = 0; at < body.Length; )
        {
            var size = Math.Min(random.Next(1, 1 + random.Pick([3, 1000, 100_000])), body.Length - at);
            var said = random.Chance(30) ? size + 1 : size;
            chunks.AddRange(Encoding.ASCII.GetBytes($"{said:x}{random.Pick(["", "", "", ";x=y"])}\r\n"));
            chunks.AddRange(body.AsSpan(at, size));
            chunks.AddRange("\r\n"u8);
            at += size;
        }

        chunks.AddRange(
            Encoding.ASCII.GetBytes(random.Pick(["0\r\n\r\n", "0\r\n\r\n", "0\r\nX: y\r\n\r\n", "0\r\n", "-1\r\n", ""]))
        );
        return [.. chunks];
    }

    [GeneratedRegex(@"^HTTP/1\.[01] (\d\d\d) ", RegexOptions.CultureInvariant)]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"HTTP/1\.[01] 5(?!05)\d\d ", RegexOptions.CultureInvariant)]
    private static partial Regex ServerFault();
}
