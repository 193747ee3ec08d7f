using System.Text;

namespace GlueOrleans.Executors;

/// <summary>A command line from the configuration, as words with placeholders.</summary>
internal sealed record CommandTemplate(IReadOnlyList<string> Words)
{
    private const string Script = "{script}";
    private const string Arguments = "{arguments}";
    private const string Python = "{python}";

    /// <summary>What is wrong with a template, and what to do; <c>null</c> for a good one, and for none.</summary>
    public static string? Fault(string? template)
    {
        if (string.IsNullOrWhiteSpace(template))
            return null;
        if (!TrySplit(template, out var words))
            return "a quote is not closed, or the text ends with a backslash.";
        if (words[0] is Script or Arguments)
            return "it must begin with a program.";
        return words.Contains(Script) ? null : "it must contain {script} as a word.";
    }

    /// <summary>The template of a validated text; <c>null</c> when the text is empty.</summary>
    public static CommandTemplate? Parse(string? template) =>
        !string.IsNullOrWhiteSpace(template) && TrySplit(template, out var words) ? new CommandTemplate(words) : null;

    public static CommandTemplate PlainPython { get; } = new([Python, Script, Arguments]);

    public string Program(string python) => Words[0] == Python ? python : Words[0];

    public IReadOnlyList<string> CommandLine(string python, string script, IReadOnlyList<string> arguments)
    {
        var line = new List<string>(Words.Count + arguments.Count);
        foreach (var word in Words)
        {
            switch (word)
            {
                case Python:
                    line.Add(python);
                    break;
                case Script:
                    line.Add(script);
                    break;
                case Arguments:
                    line.AddRange(arguments);
                    break;
                default:
                    line.Add(word);
                    break;
            }
        }

        return line;
    }

    private static bool TrySplit(string text, out IReadOnlyList<string> words)
    {
        var found = new List<string>();
        StringBuilder? word = null;
        char? quote = null;
        var escaped = false;
        foreach (var c in text)
        {
            if (escaped)
            {
                (word ??= new()).Append(c);
                escaped = false;
            }
            else if (c == '\\' && quote != '\'')
            {
                escaped = true;
            }
            else if (quote is null ? c is '"' or '\'' : c == quote)
            {
                quote = quote is null ? c : null;
                word ??= new();
            }
            else if (quote is not null || !char.IsWhiteSpace(c))
            {
                (word ??= new()).Append(c);
            }
            else if (word is not null)
            {
                found.Add(word.ToString());
                word = null;
            }
        }

        if (word is not null)
            found.Add(word.ToString());
        words = found;
        return quote is null && !escaped && found.Count > 0;
    }
}
