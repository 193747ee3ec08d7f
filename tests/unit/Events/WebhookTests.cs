using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Threading.Channels;
using GlueOrleans.Grains;
using GlueOrleans.Silo.Events;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Events;

public sealed class WebhookTests : IDisposable
{
    private readonly Receiver _receiver = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly RecordingLogger _log = new();

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task Each_event_is_posted_as_JSON()
    {
        using var webhook = await Started();

        webhook.Offer("{1}"u8.ToArray());
        webhook.Offer("{2}"u8.ToArray());

        Assert.Equal(("http://events.test/glue?key=secret", "application/json", "{1}"), await _receiver.Next());
        Assert.Equal("{2}", (await _receiver.Next()).Body);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(null)]
    public async Task A_receiver_that_is_away_is_tried_again(HttpStatusCode? answer)
    {
        _receiver.Answers.Enqueue(answer);
        _receiver.Answers.Enqueue(answer);
        using var webhook = await Started();

        webhook.Offer("{1}"u8.ToArray());

        for (var tries = 0; tries < 3; tries++)
            Assert.Equal("{1}", (await NextInTime()).Body);
        webhook.Offer("{2}"u8.ToArray());
        Assert.Equal("{2}", (await NextInTime()).Body);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task An_event_that_is_refused_is_given_up_and_the_next_one_posted()
    {
        _receiver.Answers.Enqueue(HttpStatusCode.BadRequest);
        using var webhook = await Started();

        webhook.Offer("{1}"u8.ToArray());
        webhook.Offer("{2}"u8.ToArray());

        Assert.Equal("{1}", (await _receiver.Next()).Body);
        Assert.Equal("{2}", (await _receiver.Next()).Body);
        var line = Assert.Single(_log.Lines);
        Assert.Contains("events.test", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_stays_away_costs_the_event_and_not_the_queue()
    {
        for (var i = 0; i < 5; i++)
            _receiver.Answers.Enqueue(HttpStatusCode.BadGateway);
        using var webhook = await Started();

        webhook.Offer("{1}"u8.ToArray());
        webhook.Offer("{2}"u8.ToArray());

        for (var tries = 0; tries < 5; tries++)
            Assert.Equal("{1}", (await NextInTime()).Body);
        Assert.Equal("{2}", (await NextInTime()).Body);
    }

    [Fact]
    public async Task A_full_queue_loses_its_oldest_events_and_says_how_many()
    {
        _receiver.Hold();
        using var webhook = await Started();
        webhook.Offer("{first}"u8.ToArray());
        Assert.Equal("{first}", (await _receiver.Next()).Body); // and it waits for its answer

        for (var i = 0; i < EventSink.QueueLength + 3; i++)
            webhook.Offer(Encoding.UTF8.GetBytes($"{{{i}}}"));
        _receiver.LetGo();

        Assert.Equal("{3}", (await _receiver.Next()).Body);
        Assert.Contains("Events lost: 3;", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_stops_does_not_wait_for_a_receiver_that_is_away()
    {
        _receiver.Hold();
        using var webhook = await Started();
        webhook.Offer("{1}"u8.ToArray());
        webhook.Offer("{2}"u8.ToArray());
        await _receiver.Next();

        var stopping = webhook.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(stopping.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(5));

        await stopping;
        Assert.Contains("Events lost: 2;", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    private async Task<Webhook> Started()
    {
        var webhook = new Webhook(new Uri("http://events.test/glue?key=secret"), _receiver, new OneClock(_clock), _log);
        await webhook.StartAsync(TestContext.Current.CancellationToken);
        return webhook;
    }

    /// <summary>The next request, with the clock moved on as long as there is none.</summary>
    private async Task<(string Url, string? Type, string Body)> NextInTime()
    {
        var next = _receiver.Next();
        while (!next.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(
                next,
                Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken)
            );
        }

        return await next;
    }

    /// <summary>The other side: notes what it gets, and answers as it was told; with 200 when it was told nothing.</summary>
    private sealed class Receiver : HttpMessageHandler
    {
        private readonly Channel<(string, string?, string)> _got = Channel.CreateUnbounded<(string, string?, string)>();
        private TaskCompletionSource _held = new();

        public Receiver() => _held.SetResult();

        /// <summary><c>null</c> = no connection.</summary>
        public ConcurrentQueue<HttpStatusCode?> Answers { get; } = new();

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void LetGo() => _held.SetResult();

        public async Task<(string Url, string? Type, string Body)> Next() =>
            await _got
                .Reader.ReadAsync(TestContext.Current.CancellationToken)
                .AsTask()
                .WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            _got.Writer.TryWrite(
                (request.RequestUri!.ToString(), request.Content.Headers.ContentType?.MediaType, body)
            );
            await _held.Task.WaitAsync(cancellationToken);
            var answer = Answers.TryDequeue(out var told) ? told : HttpStatusCode.OK;
            return new HttpResponseMessage(answer ?? throw new HttpRequestException("No connection."));
        }
    }

    private sealed class RecordingLogger : ILogger<Webhook>
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyList<string> Lines => [.. _lines];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => _lines.Enqueue(formatter(state, exception));
    }
}
