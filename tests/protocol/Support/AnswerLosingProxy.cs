using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>A request of an SDK's, as the proxy saw it.</summary>
/// <param name="InvocationId">The same for all tries of one call.</param>
/// <param name="Answer">The server's; the client may not have got it.</param>
internal sealed record PassedRequest(string? InvocationId, Answer Answer);

/// <summary>
/// Stands between a client and a server on loopback and passes everything on, one request a connection, but for the
/// server's first good answer to one operation: instead of that the client finds its connection closed, without a byte.
/// </summary>
internal sealed class AnswerLosingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HttpClient _http = new() { Timeout = Poll.Patience };
    private readonly ConcurrentQueue<PassedRequest> _passed = new();
    private readonly string _target;
    private readonly Func<AnswerLosingProxy, Task> _onLoss;
    private readonly Task _serving;
    private int _goodAnswers;

    /// <param name="server">Where to pass requests on to.</param>
    /// <param name="operation">Whose first answer is lost.</param>
    /// <param name="onLoss">What happens after the server has answered and before the client notices.</param>
    public AnswerLosingProxy(Uri server, string operation, Func<AnswerLosingProxy, Task> onLoss)
    {
        Server = server;
        _target = $"AWSGlue.{operation}";
        _onLoss = onLoss;
        _listener.Start();
        Url = string.Create(CultureInfo.InvariantCulture, $"http://{_listener.LocalEndpoint}");
        _serving = Serve();
    }

    public string Url { get; }

    /// <summary>May change, as a server's port does when it is started again: the client knows only the proxy's.</summary>
    public Uri Server { get; set; }

    /// <summary>The requests of the operation that the server has answered, in order.</summary>
    public IReadOnlyList<PassedRequest> Passed => [.. _passed];

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
        _http.Dispose();
    }

    private async Task Serve()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => Pass(client));
        }
    }

    private async Task Pass(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var request = await Read(stream);
                using var response = await _http.SendAsync(request);
                var answer = await Answer.From(response);
                if (Header(request, "X-Amz-Target") == _target)
                {
                    _passed.Enqueue(new PassedRequest(Header(request, "amz-sdk-invocation-id"), answer));
                    if (answer.Status == HttpStatusCode.OK && Interlocked.Increment(ref _goodAnswers) == 1)
                    {
                        await _onLoss(this);
                        return;
                    }
                }

                await stream.WriteAsync(Encoding.UTF8.GetBytes(Text(answer)));
            }
            catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
            {
                // The server is away, or the client is: either way this connection is of no more use.
            }
        }
    }

    /// <summary>Reads a request with a Content-Length, as SDKs send them, and addresses it to the server.</summary>
    private async Task<HttpRequestMessage> Read(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head is not [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'])
        {
            await stream.ReadExactlyAsync(one);
            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines[1..]
            .Select(line => line.Split(':', 2))
            .Select(pair => (Name: pair[0], Value: pair[1].Trim()));
        var request = new HttpRequestMessage(new HttpMethod(lines[0].Split(' ')[0]), Server);
        var length = headers.Single(header => Is(header.Name, "Content-Length")).Value;
        var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body);
        request.Content = new ByteArrayContent(body);
        foreach (
            var (name, value) in headers.Where(header => !Is(header.Name, "Host") && !Is(header.Name, "Connection"))
        )
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return request;

        static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
    }

    private static string? Header(HttpRequestMessage request, string name) =>
        request.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    private static string Text(Answer answer)
    {
        var text = new StringBuilder($"HTTP/1.1 {(int)answer.Status} {answer.Status}\r\nConnection: close\r\n");
        foreach (var (name, value) in answer.Headers.Where(header => header.Key != "Connection"))
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        return text.Append("\r\n").Append(answer.Body).ToString();
    }
}
