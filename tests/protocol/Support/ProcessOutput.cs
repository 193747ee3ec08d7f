using System.Text;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>What a process prints, on both streams, line by line as it comes; tests wait for a line of it.</summary>
internal sealed class ProcessOutput
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private readonly List<(Func<string, bool> IsIt, TaskCompletionSource<string> Came)> _awaited = [];

    public override string ToString()
    {
        lock (_gate)
            return _text.ToString();
    }

    /// <summary>The first line, already there or still to come, that satisfies the condition.</summary>
    public Task<string> Line(Func<string, bool> isIt)
    {
        lock (_gate)
        {
            if (_text.ToString().Split('\n').FirstOrDefault(isIt) is { } there)
                return Task.FromResult(there);
            var came = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((isIt, came));
            return came.Task;
        }
    }

    /// <summary>Completes with the stream.</summary>
    public async Task Read(StreamReader stream)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                _text.Append(line).Append('\n');
                foreach (var (_, came) in _awaited.Where(awaited => awaited.IsIt(line)))
                    came.TrySetResult(line);
            }
        }
    }
}
