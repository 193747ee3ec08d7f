using Microsoft.Extensions.Logging;

namespace GlueOrleans.Gateway.Security;

/// <summary>The credentials of a running node: those of its start, until their file says otherwise.</summary>
/// <remarks>
/// Whether credentials are asked for is decided at the start, for good: no change of the file opens a node. A file that is
/// broken, or that others can read, changes nothing, and the log says why; one that has gone leaves only the keys of the
/// configuration. The file is looked at when it is needed, and at most once in <see cref="Period"/>; it is small, and so it
/// is compared as a whole.
/// </remarks>
public sealed partial class CredentialStore
{
    /// <summary>Between two looks at the file, by the wall's clock.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly CredentialSource? _source;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _looking = new();
    private long _lookedAt;
    private byte[]? _seen;
    private string? _complaint;
    private volatile CredentialSet _current;

    /// <param name="source"><c>null</c>: nobody is asked for credentials.</param>
    /// <param name="clock">The wall's.</param>
    /// <param name="log">Is told of changes, and of files that cannot be used.</param>
    public CredentialStore(CredentialSource? source, TimeProvider clock, ILogger<CredentialStore> log)
    {
        (_source, _clock, _log) = (source, clock, log);
        _current = source?.Initial ?? CredentialSet.None;
        _seen = source?.InitialDigest;
        _lookedAt = clock.GetTimestamp();
    }

    /// <summary>Whether callers have to prove who they are.</summary>
    public bool AreRequired => _source is not null;

    /// <summary>The keys that are good now.</summary>
    internal ICredentials Current
    {
        get
        {
            if (_source?.File is { } file && _clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= Period)
                Look(file);
            return _current;
        }
    }

    /// <summary>One caller looks; the others go on with what is known, which is as good as it was a moment ago.</summary>
    private void Look(string file)
    {
        if (!_looking.TryEnter())
            return;
        try
        {
            Volatile.Write(ref _lookedAt, _clock.GetTimestamp());
            Take(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            _seen = null;
            _current = _source!.WithoutFile();
            Complain($"{file} has gone.", () => LogGone(file));
        }
        catch (CredentialException e)
        {
            Complain(e.Message, () => LogUnusable(e.Message));
        }
        finally
        {
            _looking.Exit();
        }
    }

    private void Take(string file)
    {
        var content = CredentialFile.ReadBytes(file);
        var digest = CredentialSource.Digest(content);
        if (_seen is { } seen && digest.AsSpan().SequenceEqual(seen))
        {
            _complaint = null;
            return;
        }

        _current = _source!.Read(content);
        (_seen, _complaint) = (digest, null);
        LogTaken(_current.Count, file);
    }

    /// <summary>Once for each thing that is wrong, not once a second.</summary>
    private void Complain(string what, Action log)
    {
        if (_complaint == what)
            return;
        _complaint = what;
        log();
    }

    [LoggerMessage(
        1010,
        LogLevel.Information,
        "Credentials have changed: {Count} access keys are good now, with those in {File}."
    )]
    private partial void LogTaken(int count, string file);

    [LoggerMessage(1011, LogLevel.Error, "Credentials stay as they were: {Why}")]
    private partial void LogUnusable(string why);

    [LoggerMessage(1012, LogLevel.Error, "{File} has gone: its access keys are no longer good.")]
    private partial void LogGone(string file);
}
