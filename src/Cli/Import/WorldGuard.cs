using System.Collections.Concurrent;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using KgOrleans.Import.Sets;

namespace KgOrleans.Cli.Import;

/// <summary>Looks, before anything is written, whether ids of a set are already taken by another world: writing would replace that world's documents.</summary>
internal static class WorldGuard
{
    /// <summary>Most items and most users that are looked up.</summary>
    public const int Sample = 200;

    private const int InFlight = 8;

    /// <summary>Throws <see cref="InputException"/> when a sampled id belongs to another world.</summary>
    public static async Task CheckAsync(KgClient client, ImportSet set, CancellationToken cancellation)
    {
        var taken = new ConcurrentBag<string>();
        await ScanAsync(
            "item", set.Items.Select(i => i.ItemId).ToList(), async (id, c) => await client.FindItemAsync(id, c) is { } item ? item.WorldId ?? "" : null);
        await ScanAsync("user", set.Users.Select(u => u.UserId).ToList(), client.FindUserWorldAsync);
        if (taken.IsEmpty)
            return;
        var examples = taken.Order(StringComparer.Ordinal).ToList();
        throw new InputException($"""
            nothing was imported: {examples.Count} of the ids looked up belong to another world, as {string.Join(", ", examples.Take(3))}
              pass --prefix <text> to import under ids of their own, as in --prefix lf-
            """);

        async Task ScanAsync(string sort, IReadOnlyList<string> all, Func<string, CancellationToken, Task<string?>> worldOf) =>
            await Parallel.ForEachAsync(Pick(all), new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellation }, async (id, c) =>
            {
                if (await worldOf(id, c) is { } world && world != set.WorldId)
                    taken.Add(world.Length > 0 ? $"{sort} {id} (world {world})" : $"{sort} {id} (the cluster's own world)");
            });
    }

    /// <summary>Evenly spread over the set, its first and last included: ids of other worlds may lie in one stretch only.</summary>
    private static IEnumerable<string> Pick(IReadOnlyList<string> all)
    {
        var count = Math.Min(all.Count, Sample);
        for (var i = 0; i < count; i++)
            yield return all[count == 1 ? 0 : (int)((long)i * (all.Count - 1) / (count - 1))];
    }
}
