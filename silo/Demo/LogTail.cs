using System.Text;

namespace GlueOrleans.Silo.Demo;

/// <summary>The lines that have come to a growing file since the last look. A line without its end waits for it.</summary>
internal sealed class LogTail(string path)
{
    /// <summary>Bytes read at a look; a script that writes faster is shown in part, like any tail.</summary>
    private const int MostBytes = 64 * 1024;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _rest = new();
    private long _position;

    public IReadOnlyList<string> NewLines()
    {
        if (!File.Exists(path))
            return [];

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Math.Max(_position, file.Length - MostBytes);
        var bytes = new byte[MostBytes];
        var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        _position = file.Position;

        var chars = new char[Encoding.UTF8.GetMaxCharCount(read)];
        _rest.Append(chars, 0, _decoder.GetChars(bytes.AsSpan(0, read), chars, flush: false));
        var text = _rest.ToString();
        var end = text.LastIndexOf('\n') + 1;
        _rest.Clear().Append(text, end, text.Length - end);
        return end == 0 ? [] : text[..(end - 1)].Split('\n');
    }
}
