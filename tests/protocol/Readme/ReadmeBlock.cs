using System.Text.RegularExpressions;

namespace GlueOrleans.Tests.Protocol.Readme;

/// <summary>How a block is executed.</summary>
internal enum BlockUse
{
    /// <summary>To its end, before the next one.</summary>
    Run,

    /// <summary>In the background until all blocks have run: the comment <c>test: serve</c> stands before it.</summary>
    Serve,

    /// <summary>Not at all: the comment <c>test: skip, reason</c> stands before it.</summary>
    Skip,
}

/// <summary>A block of shell commands in a Markdown file.</summary>
/// <param name="Line">Of its opening fence, counted from 1.</param>
/// <param name="Commands">What is between the fences.</param>
/// <param name="Use">How it is executed.</param>
/// <param name="Reason">Why it is not.</param>
internal sealed partial record ReadmeBlock(int Line, string Commands, BlockUse Use, string? Reason)
{
    /// <summary>The blocks tagged <c>sh</c>, in order. Other fences are skipped with all that is in them.</summary>
    public static IReadOnlyList<ReadmeBlock> Of(string markdown)
    {
        var lines = markdown.ReplaceLineEndings("\n").Split('\n');
        List<ReadmeBlock> blocks = [];
        Match? mark = null;
        for (var i = 0; i < lines.Length; i++)
        {
            if (Fence().Match(lines[i]) is { Success: true } fence)
            {
                var end = Array.FindIndex(lines, i + 1, line => line.Trim() == fence.Groups["fence"].Value);
                if (end < 0)
                    throw new FormatException($"The block that begins in line {i + 1} has no end.");
                if (fence.Groups["tag"].Value == "sh")
                    blocks.Add(Block(i + 1, string.Join('\n', lines[(i + 1)..end]), mark));
                else if (mark is not null)
                    throw new FormatException($"The comment before line {i + 1} is about no block tagged sh.");
                mark = null;
                i = end;
            }
            else if (Mark().Match(lines[i]) is { Success: true } found)
            {
                mark = found;
            }
            else if (lines[i].Contains("<!-- test:", StringComparison.Ordinal))
            {
                throw new FormatException(
                    $"Line {i + 1} is neither 'test: serve' nor 'test: skip, reason': {lines[i]}"
                );
            }
        }

        return blocks;
    }

    private static ReadmeBlock Block(int line, string commands, Match? mark) =>
        mark switch
        {
            null => new(line, commands, BlockUse.Run, null),
            { } skip when skip.Groups["reason"].Success => new(
                line,
                commands,
                BlockUse.Skip,
                skip.Groups["reason"].Value
            ),
            _ => new(line, commands, BlockUse.Serve, null),
        };

    [GeneratedRegex("^ {0,3}(?<fence>`{3,})(?<tag>[^`]*)$")]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\s*<!-- test: (serve|skip, (?<reason>.+?)) -->\s*$")]
    private static partial Regex Mark();
}
