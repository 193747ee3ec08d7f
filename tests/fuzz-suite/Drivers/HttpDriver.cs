using GlueOrleans.Tests.FuzzSuite.Cases;
using GlueOrleans.Tests.FuzzSuite.Hosts;

namespace GlueOrleans.Tests.FuzzSuite.Drivers;

/// <summary>Requests to a host in this process.</summary>
/// <param name="name">The driver's.</param>
/// <param name="pipeline">The host's.</param>
/// <param name="make">A request at random.</param>
/// <param name="setDice">For what is behind the host, if that is random as well; then the host answers on the thread that
/// asks, and what it allocates is measured.</param>
internal sealed class HttpDriver(
    string name,
    PipelineServer pipeline,
    Func<Random, HttpCase> make,
    Action<Random>? setDice = null
) : Driver<HttpCase>
{
    /// <summary>What a request of no size may cost: the pipeline, the answer, the grains' random texts.</summary>
    private const long AllocatedAtLeast = 512 * 1024;

    /// <summary>For each byte of the request: the buffer, which doubles, texts in UTF-16, and what is built of them.</summary>
    private const long AllocatedPerByte = 64;

    public override string Name => name;

    public override HttpCase Make(Random random) => make(random);

    public override async Task<Tried> Try(HttpCase theCase, Random random)
    {
        setDice?.Invoke(random);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sending = pipeline.Send(theCase);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var (problem, code) = Verdict.On(theCase, await sending);
        if (setDice is null)
            return new Tried(problem, code);
        var size = theCase.Body.Length + theCase.Target.Length + theCase.Headers.Sum(header => header.Value.Length);
        var most = AllocatedAtLeast + AllocatedPerByte * size;
        problem ??= allocated > most ? $"allocates {allocated} bytes for a request of {size}" : null;
        return new Tried(problem, code, allocated);
    }

    public override async Task<string?> Sane()
    {
        var answer = await pipeline.Send(HttpCase.Json("ListJobs", "{}"u8.ToArray()));
        return answer.Status == 200 ? null : $"ListJobs is answered with {answer.Status}: {answer.Text}";
    }

    public override IEnumerable<HttpCase> Smaller(HttpCase theCase)
    {
        foreach (var body in Shrinking.Of(theCase.Body))
            yield return theCase with
            {
                Body = body,
            };
        for (var i = 0; i < theCase.Headers.Count; i++)
            yield return theCase with
            {
                Headers = [.. theCase.Headers.Where((_, at) => at != i)],
            };
    }
}

/// <summary>Parts of what failed.</summary>
internal static class Shrinking
{
    /// <summary>Without a half, then without quarters, eighths … down to single bytes, if there are not too many.</summary>
    public static IEnumerable<byte[]> Of(byte[] bytes)
    {
        for (var part = (bytes.Length + 1) / 2; part > 0; part = part == 1 ? 0 : (part + 1) / 2)
        {
            if (bytes.Length / part > 512)
                yield break;
            for (var at = 0; at < bytes.Length; at += part)
                yield return [.. bytes[..at], .. bytes[Math.Min(at + part, bytes.Length)..]];
        }
    }
}
