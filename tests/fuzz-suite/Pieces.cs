using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using CsCheck;
using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Limits;
using GlueOrleans.Gateway.Neighbours;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Tests.FuzzSuite.Cases;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xunit;

namespace GlueOrleans.Tests.FuzzSuite;

/// <summary>The parts of the parser, each alone. A failure names CsCheck's seed, and how to repeat it.</summary>
public sealed class Pieces
{
    private const int MaxEchoed = EchoedValue.MaxLength + 3;

    /// <summary>UTF-16 units of any kind: halves of pairs, too.</summary>
    private static readonly Gen<string> Units = Gen.OneOf<string>(
        Gen.String[Gen.Char, 0, 600],
        Gen.String[Gen.Char['\uD7F0', '\uE010'], 0, 600],
        Gen.String[Gen.Char[' ', '~'], 0, 600]
    );

    [Fact]
    public void An_echoed_value_is_short_and_the_beginning_of_the_value() =>
        Units.Sample(value =>
        {
            var echoed = EchoedValue.Of(value);
            var isCut = value.Length > EchoedValue.MaxLength;
            Assert.True(echoed.Length <= MaxEchoed);
            Assert.StartsWith(isCut ? echoed[..^3] : echoed, value, StringComparison.Ordinal);
            // A whole pair is never cut in two.
            Assert.False(isCut && char.IsHighSurrogate(echoed[^4]) && char.IsLowSurrogate(value[echoed.Length - 3]));
        });

    [Fact]
    public void An_echoed_list_or_map_is_short_whatever_it_has() =>
        Gen.Int.Sample(seed =>
        {
            var random = new Random(seed);
            var operation = random.Pick(HttpCases.Operations);
            var json = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(new ValidRequests(random).Of(operation));
            Assert.True(EchoedValue.OfAggregate(json).Length <= MaxEchoed);
        });

    [Fact]
    public void What_is_no_JSON_is_a_SerializationException_and_what_passes_can_be_read() =>
        Gen.Int.Sample(seed =>
        {
            var random = new Random(seed);
            var operation = random.Pick(HttpCases.Operations);
            var valid = new ValidRequests(random).Of(operation);
            var body = random.Chance(2)
                ? Mutations.OfStructure(random, valid)
                : Mutations.OfBytes(random, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(valid));
            var error = ShapeValidator.Validate(body, operation.Input);
            if (!IsJson(body))
                Assert.Equal("SerializationException", error?.Code);
            if (error is null)
                Assert.NotNull(JsonSerializer.Deserialize(body, RequestOf(operation)));
        });

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(70_000)]
    public Task A_body_is_read_whole_in_whatever_pieces_it_comes_or_is_too_large(int most) =>
        Gen.Select(Gen.Int[0, 2 * most], Gen.Int)
            .SampleAsync(
                async (length, seed) =>
                {
                    var random = new Random(seed);
                    var bytes = new byte[length];
                    random.NextBytes(bytes);
                    using var body = await Read(Requesting(bytes, random), most);
                    Assert.Equal(length > most ? BodyFault.TooLarge : BodyFault.None, body.Fault);
                    Assert.Equal(length > most ? [] : bytes, body.Bytes.ToArray());
                },
                iter: 200
            );

    [Fact]
    public Task A_body_that_breaks_off_is_the_clients_or_Kestrels_exception_and_no_other() =>
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 3], Gen.Int)
            .SampleAsync(
                async (length, kind, seed) =>
                {
                    Exception cut = kind switch
                    {
                        0 => new ConnectionResetException("reset"),
                        1 => new ConnectionAbortedException("aborted"),
                        2 => new OperationCanceledException(),
                        _ => new BadHttpRequestException("Unexpected end of request content."),
                    };
                    var random = new Random(seed);
                    var thrown = await Record.ExceptionAsync(async () =>
                        (await Read(Requesting(new byte[length], random, cut), most: 20_000)).Dispose()
                    );
                    Assert.True(kind == 3 ? ReferenceEquals(thrown, cut) : thrown is ClientGoneException, $"{thrown}");
                },
                iter: 200
            );

    private static Task<RequestBody> Read(HttpContext http, int most)
    {
        var options = new GatewayOptions { MaxRequestBytes = most };
        return RequestBody.Read(http, options, new BodyMemory(Options.Create(options)), TimeProvider.System);
    }

    [Fact]
    public void A_pattern_takes_time_in_proportion_to_the_text()
    {
        string[] pieces =
        [
            "a",
            ".",
            "a.",
            "-",
            "arn:aws",
            "Sun:",
            "0",
            "\t",
            "\U0001F600",
            " ",
            "\n",
            "\uD800",
            "3.9",
            "aaaaaaaaaaaaaaaa!",
            ":glue:",
        ];
        foreach (var pattern in ShapeTable.Glue.Shapes.Values.Select(shape => shape.Pattern).OfType<JavaPattern>())
        {
            foreach (var piece in pieces)
            {
                // A backtracking matcher needs longer than the universe has for the worst of them.
                var text = "arn:aws:glue:" + string.Concat(Enumerable.Repeat(piece, 20_000 / piece.Length)) + "!";
                var begun = Stopwatch.GetTimestamp();
                pattern.Matches(text);
                pattern.Matches(text[13..]);
                var took = Stopwatch.GetElapsedTime(begun);
                Assert.True(took < TimeSpan.FromSeconds(10), $"{pattern.Text} takes {took} for '{piece}', repeated");
            }
        }
    }

    [Fact]
    public void An_ARN_is_taken_apart_without_loss_or_not_at_all() =>
        Gen.Select(
                Gen.OneOf<string>(Gen.OneOf(Texts.OfPatterns.Values.SelectMany(p => p.Hits).ToArray()), Units),
                Units
            )
            .Sample(
                (start, end) =>
                {
                    foreach (var text in new[] { start, start + end, $"arn:aws:glue:r:1:{end}", $"arn:{end}:::/x" })
                    {
                        if (GlueArn.TryParse(text) is not { } arn)
                            continue;
                        Assert.EndsWith($":{arn.Account}:{arn.Kind}/{arn.Name}", text, StringComparison.Ordinal);
                        Assert.True(arn.Kind.Length > 0 && arn.Name.Length > 0);
                    }
                }
            );

    [Fact]
    public void A_form_is_answered_in_XML_whatever_its_bytes_are()
    {
        var query = new AwsQuery([new GetCallerIdentity(), new GetRole()]);
        Gen.Int.Sample(seed =>
        {
            var random = new Random(seed);
            var form = random.Pick([
                "Action=GetRole&Version=2010-05-08&RoleName=r",
                "Action=GetCallerIdentity&Version=2011-06-15",
                "a=b&c",
                "",
            ]);
            var answer = query.Handle(
                Mutations.OfBytes(random, Encoding.UTF8.GetBytes(form)),
                new Caller("000000000000"),
                "request"
            );
            if (answer.Error is { } error)
                Assert.Equal(400, error.Status);
            else
                Assert.NotNull(XElement.Parse(Encoding.UTF8.GetString(answer.Body!)));
        });
    }

    private static DefaultHttpContext Requesting(byte[] bytes, Random random, Exception? cut = null) =>
        new() { Request = { Body = new Trickle(bytes, random, cut) } };

    private static bool IsJson(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = ShapeValidator.MaxDepth });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static System.Text.Json.Serialization.Metadata.JsonTypeInfo RequestOf(OperationModel operation) =>
        AwsJson.Wire.GetTypeInfo(
            typeof(AwsJson).Assembly.GetType(
                $"GlueOrleans.Gateway.Operations.{operation.Name}Request",
                throwOnError: true
            )!
        )!;

    /// <summary>Bytes in pieces at random; at their end an exception, if there is one.</summary>
    private sealed class Trickle(byte[] bytes, Random random, Exception? cut) : MemoryStream(bytes, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (cut is not null && Position == Length)
                return ValueTask.FromException<int>(cut);
            var most = 1 + random.Next(random.Pick([1, 10, 5000, 100_000]));
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
        }
    }
}
