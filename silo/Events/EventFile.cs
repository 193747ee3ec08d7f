using GlueOrleans.Grains;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.Events;

/// <summary>Appends events to a file, one per line, and puts it aside when it has grown to its bound.</summary>
/// <remarks>
/// Each line is complete or not there: what a crash or a full disk left of one is cut off before the next. A batch that
/// failed half-way is written again as a whole, so a line may be there twice, with the same event id.
/// </remarks>
internal sealed class EventFile(string path, long maxBytes, IWallClock wall, ILogger<EventFile> log)
    : EventSink(wall, log)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private FileStream? _file;

    /// <summary>The bytes of <see cref="_file"/> that are whole lines.</summary>
    private long _length;

    protected override string Name => path;

    /// <summary>Where the last file that was full has gone: <c>events.jsonl</c> is <c>events.1.jsonl</c> then.</summary>
    public static string OldFile(string path) =>
        Path.Combine(
            Path.GetDirectoryName(path) ?? "",
            $"{Path.GetFileNameWithoutExtension(path)}.1{Path.GetExtension(path)}"
        );

    public static EventFile? Create(IServiceProvider services, string dataFolder)
    {
        var options = services.GetRequiredService<IOptions<EventOptions>>().Value;
        return string.IsNullOrWhiteSpace(options.File)
            ? null
            : new EventFile(
                Path.GetFullPath(Path.Combine(dataFolder, options.File)),
                options.MaxFileBytes,
                services.GetRequiredService<IWallClock>(),
                services.GetRequiredService<ILogger<EventFile>>()
            );
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Close();
    }

    public override void Dispose()
    {
        Close();
        base.Dispose();
    }

    protected override async Task Write(IReadOnlyList<byte[]> documents, CancellationToken cancellation)
    {
        try
        {
            _file ??= Open();
            // One by one into the stream's buffer, so that a file is put aside between two lines; one flush for all.
            foreach (var document in documents)
            {
                if (_length > 0 && _length + document.Length + 1 > maxBytes)
                    await PutAside(cancellation);
                await _file.WriteAsync(document, cancellation);
                _file.WriteByte((byte)'\n');
                _length += document.Length + 1;
            }

            await _file.FlushAsync(cancellation);
        }
        catch
        {
            Close();
            throw;
        }
    }

    protected override bool IsWorthAnotherTry(Exception exception) =>
        exception is IOException or UnauthorizedAccessException;

    private async Task PutAside(CancellationToken cancellation)
    {
        await _file!.FlushAsync(cancellation);
        Close();
        File.Move(path, OldFile(path), overwrite: true);
        _file = Open();
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Read | FileShare.Delete,
                UnixCreateMode = OwnerOnly,
            }
        );
        try
        {
            _length = EndOfLastLine(file);
            file.SetLength(_length);
            file.Position = _length;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void Close()
    {
        try
        {
            _file?.Dispose();
        }
        catch (IOException)
        {
            // What was in its buffer could not be written; the caller knows.
        }

        _file = null;
    }

    private static long EndOfLastLine(FileStream file)
    {
        var buffer = new byte[4096];
        for (var end = file.Length; end > 0; )
        {
            var start = Math.Max(0, end - buffer.Length);
            file.Position = start;
            var block = buffer.AsSpan(0, (int)(end - start));
            file.ReadExactly(block);
            if (block.LastIndexOf((byte)'\n') is >= 0 and var newline)
                return start + newline + 1;
            end = start;
        }

        return 0;
    }
}
