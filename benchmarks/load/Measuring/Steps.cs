using Spectre.Console;

namespace GlueOrleans.Benchmarks.Load.Measuring;

/// <summary>Says on standard error what is being done: on a terminal in one place, else a line for each step.</summary>
internal static class Steps
{
    public static async Task Show(TimeProvider clock, Func<Action<string>, Task> work)
    {
        if (Console.IsErrorRedirected)
        {
            var begunAt = clock.GetTimestamp();
            await work(step => Console.Error.WriteLine($"{clock.GetElapsedTime(begunAt):mm\\:ss} {step}"));
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        // Seldom: what draws it takes time from what is measured.
        await console
            .Status()
            .AutoRefresh(enabled: false)
            .StartAsync(
                "starting",
                status =>
                    work(step =>
                    {
                        status.Status(Markup.Escape(step));
                        status.Refresh();
                    })
            );
    }
}
