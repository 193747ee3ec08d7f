namespace GlueOrleans.Tests.ChaosSuite.Faults;

/// <summary>Plays one deck of faults, one after the other, for as long as a pass lasts.</summary>
internal sealed class Injector(FaultScene scene, IReadOnlyList<Fault> first, IReadOnlyList<Fault> later)
{
    public async Task Run(CancellationToken end)
    {
        foreach (var fault in Deck())
        {
            await Task.Delay(scene.Between(0.5, 2), TimeProvider.System, end)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await EnoughSilosAreUp(end);
            if (end.IsCancellationRequested)
                return;
            scene.Say($"fault: {fault.Name}");
            scene.Ledger.Count(scene.Ledger.Faults, fault.Name);
            try
            {
                await fault.Do(scene);
            }
            catch (TimeoutException e)
            {
                scene.Ledger.Complain("nodes come back", $"{fault.Name}: {e.Message}");
            }
        }
    }

    /// <summary>What is to be in every pass, in any order; then the rest; then all anew.</summary>
    private IEnumerable<Fault> Deck()
    {
        List<Fault> cards = [.. Shuffled(first), .. Shuffled(later)];
        while (true)
        {
            foreach (var card in cards)
                yield return card;
            cards = Shuffled([.. first, .. later]);
        }
    }

    private List<Fault> Shuffled(IReadOnlyList<Fault> faults)
    {
        var cards = faults.ToArray();
        scene.Random.Shuffle(cards);
        return [.. cards];
    }

    /// <summary>Both decks together may take a second silo away while one is down, but not keep the cluster down.</summary>
    private async Task EnoughSilosAreUp(CancellationToken end)
    {
        while (
            !end.IsCancellationRequested && scene.Cluster.Silos.Count(silo => silo.IsUp) < scene.Cluster.Silos.Count - 1
        )
            await FaultScene.Wait(TimeSpan.FromMilliseconds(100));
    }
}
