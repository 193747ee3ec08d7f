using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Readme;

/// <summary>Every command of README.md is executed, as a reader would who pastes one block after the other.</summary>
public sealed class The_readme
{
    private static readonly string File = Path.Combine(Places.Repository, "README.md");

    [Fact]
    public async Task Has_only_commands_that_work()
    {
        Assert.SkipUnless(System.IO.File.Exists(File), "There is no README.md.");
        var blocks = ReadmeBlock.Of(await System.IO.File.ReadAllTextAsync(File));
        Assert.NotEmpty(blocks);
        Assert.SkipWhen(
            !Program.IsInstalled("aws") && blocks.Any(block => block.Commands.Contains("aws ")),
            "The AWS CLI is not installed: apt-get install awscli."
        );

        await using var session = new ReadmeSession();
        foreach (var block in blocks)
        {
            switch (block.Use)
            {
                case BlockUse.Run:
                    await session.Run(block);
                    break;
                case BlockUse.Serve:
                    await session.Serve(block);
                    break;
                default:
                    TestContext.Current.TestOutputHelper?.WriteLine(
                        $"README.md, line {block.Line}, is not run: {block.Reason}"
                    );
                    break;
            }
        }
    }

    [Fact]
    public void Is_read_block_by_block()
    {
        var blocks = ReadmeBlock.Of(
            """
            # Title
            <!-- test: serve -->
            ```sh
            serve
            ```
            ```text
            ```
            <!-- test: skip, it takes an hour -->

            ```sh
            slow
            ```
            ```sh
            one
            two
            ```
            """
        );
        Assert.Equal(
            [
                new ReadmeBlock(3, "serve", BlockUse.Serve, null),
                new ReadmeBlock(10, "slow", BlockUse.Skip, "it takes an hour"),
                new ReadmeBlock(13, "one\ntwo", BlockUse.Run, null),
            ],
            blocks
        );
        Assert.Throws<FormatException>(() => ReadmeBlock.Of("```sh\nno end"));
        Assert.Throws<FormatException>(() => ReadmeBlock.Of("<!-- test: srve -->"));
        Assert.Throws<FormatException>(() => ReadmeBlock.Of("<!-- test: serve -->\n```json\n```"));
    }

    [Fact]
    public async Task Is_tried_with_what_one_block_leaves_for_the_next()
    {
        await using var session = new ReadmeSession();
        foreach (
            var block in ReadmeBlock.Of(
                """
                <!-- test: serve -->
                ```sh
                dotnet run --project silo
                ```
                ```sh
                greeting=hello
                greet() { echo "$greeting"; }
                mkdir here && cd here
                ```
                ```sh
                [ "$(greet)" = hello ] && [ "$(basename "$PWD")" = here ] && [ -d ../samples ] && [ -d ../glue-data ]
                python3 -c 'import urllib.request as r; print(r.urlopen("http://127.0.0.1:4580").read())'
                ```
                """
            )
        )
        {
            await (block.Use == BlockUse.Serve ? session.Serve(block) : session.Run(block));
        }
    }
}
