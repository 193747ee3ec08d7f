using System.CommandLine;
using GlueOrleans.Benchmarks.Load.Generator;

namespace GlueOrleans.Benchmarks.Load.Commands;

/// <summary>Of the commands that load a node: which one, and with what credentials.</summary>
internal sealed class TargetOptions
{
    public Option<string[]> Url { get; } =
        new("--url")
        {
            Description = "Of a gateway that runs already; may be given again. None: starts a node.",
            HelpName = "URL",
        };

    public Option<string> AccessKey { get; } =
        new("--access-key")
        {
            Description = "That requests are made under.",
            DefaultValueFactory = _ => "000000000000",
        };

    public Option<string?> Secret { get; } =
        new("--secret") { Description = "That they are signed with; without it they are not signed." };

    public Option<string> Region { get; } =
        new("--region") { Description = "That they are signed for.", DefaultValueFactory = _ => "us-east-1" };

    public Option<string[]> Set { get; } =
        new("--set") { Description = "A setting of the node that is started: Gateway:MaxConcurrentRequests=64." };

    public void AddTo(Command command)
    {
        command.Add(Url);
        command.Add(AccessKey);
        command.Add(Secret);
        command.Add(Region);
        command.Add(Set);
    }

    public IReadOnlyList<Uri> Urls(ParseResult given) => [.. (given.GetValue(Url) ?? []).Select(text => new Uri(text))];

    public Credentials Credentials(ParseResult given) =>
        new(given.GetValue(AccessKey)!, given.GetValue(Secret), given.GetValue(Region)!);

    public IReadOnlyList<string> Settings(ParseResult given) =>
        [.. (given.GetValue(Set) ?? []).Select(setting => $"--{setting}")];
}
