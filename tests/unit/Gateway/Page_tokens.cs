using System.Globalization;
using CsCheck;
using GlueOrleans.Gateway.Protocol;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

public sealed class Page_tokens
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_= \n.%";

    private static readonly Gen<string> Text = Gen.String[Gen.Char[' ', '\uD7FF'], 0, 40];
    private static readonly Gen<PageToken> Listing = Gen.Select(
        Gen.OneOf("GetJobs", "ListJobs", "GetJobRuns"),
        Gen.Int[0, 3].Select(i => i.ToString("D12", CultureInfo.InvariantCulture)),
        Text,
        (operation, account, scope) => new PageToken(operation, account, scope)
    );

    [Fact]
    public void A_token_gives_back_its_position() =>
        Gen.Select(Listing, Text)
            .Sample((listing, position) => listing.TryRead(listing.After(position), out var read) && read == position);

    [Fact]
    public void A_token_of_another_listing_is_refused() =>
        Gen.Select(Listing, Listing, Text)
            .Where((listing, other, _) => listing != other)
            .Sample((listing, other, position) => !other.TryRead(listing.After(position), out _));

    [Fact]
    public void An_edited_token_is_refused() =>
        Gen.Select(Listing, Text, Gen.Int[0, 1000], Gen.Int[0, 2], Gen.Char[Alphabet])
            .Sample(
                (listing, position, place, edit, c) =>
                {
                    var token = listing.After(position);
                    var at = place % token.Length;
                    var edited = edit switch
                    {
                        0 => token.Remove(at, 1),
                        1 => token.Insert(at, c.ToString()),
                        _ => token[..at] + c + token[(at + 1)..],
                    };
                    return edited == token || !listing.TryRead(edited, out _);
                }
            );

    [Fact]
    public void Any_other_text_is_refused() =>
        Gen.Select(Listing, Gen.String).Sample((listing, text) => !listing.TryRead(text, out _));

    [Fact]
    public void Every_last_character_but_the_right_one_is_refused()
    {
        // base64url's last character has bits that decoding drops: two spellings of one token would be one too many.
        var listing = new PageToken("GetJobRuns", "000000000000", "job");
        foreach (var position in new[] { "1", "12", "123" })
        {
            var token = listing.After(position);
            Assert.All(Alphabet.Where(c => c != token[^1]), c => Assert.False(listing.TryRead(token[..^1] + c, out _)));
            Assert.False(listing.TryRead(token + "=", out _));
        }
    }
}
