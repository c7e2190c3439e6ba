using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Recommend;

/// <summary>
/// How many items of the catalogue have a tag, song or creator, summed over all shards. What users of this silo are interested in is asked for when it is first
/// needed, and again after some minutes: a weight that is a logarithm moves slowly.
/// </summary>
internal sealed class FrequencyTable(IShardClient shards, TimeProvider time)
{
    /// <summary>How long a count is used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    // Some megabytes. A silo whose users have more interests within the lifetime counts some of them again.
    private const int Capacity = 65_536;

    private readonly ConcurrentDictionary<(InterestField, ulong), (long Count, long At)> _counts = new();
    private (long Count, long At) _items;

    /// <summary>Frequencies of a user's interests; null when no shard answers in time, so that the interests' own weights stand.</summary>
    /// <param name="user">The user.</param>
    /// <param name="patience">Ends the waiting for shards. Shares of items are much the same in every shard, so those that answered will do.</param>
    public async Task<ItemFrequencies?> OfAsync(UserSnapshot user, TimeSpan patience)
    {
        var interests = ChannelInterests.Weighed(user);
        if (interests.Length == 0)
            return null;
        var now = time.GetTimestamp();
        var found = new Dictionary<(InterestField, ulong), long>(interests.Length);
        var missing = new List<RecallInterest>();
        foreach (var interest in interests)
        {
            if (_counts.TryGetValue((interest.Field, interest.Key), out var known) && IsFresh(known, now))
                found[(interest.Field, interest.Key)] = known.Count;
            else
                missing.Add(interest);
        }
        if (missing.Count == 0)
            return new ItemFrequencies(_items.Count, found);
        var (sums, isWhole) = await AskAsync(missing, patience);
        if (sums[0] == 0)
            return null;
        // Where shards are missing, the others' counts go together with the others' items only.
        if (!isWhole)
            return found.Count == 0 ? Of(sums[0]) : null;
        _items = (sums[0], now);
        if (_counts.Count > Capacity)
            _counts.Clear();
        for (var i = 0; i < missing.Count; i++)
            _counts[(missing[i].Field, missing[i].Key)] = (sums[i + 1], now);
        return Of(sums[0]);

        ItemFrequencies Of(long items)
        {
            for (var i = 0; i < missing.Count; i++)
                found[(missing[i].Field, missing[i].Key)] = sums[i + 1];
            return new ItemFrequencies(items, found);
        }
    }

    private bool IsFresh((long Count, long At) known, long now) => time.GetElapsedTime(known.At, now) < Lifetime;

    private async Task<(long[] Sums, bool IsWhole)> AskAsync(List<RecallInterest> interests, TimeSpan patience)
    {
        var query = ShardRecall.Pack(interests.ToArray());
        var calls = new Task<byte[]>[shards.ShardCount];
        for (var shard = 0; shard < calls.Length; shard++)
            calls[shard] = shards.CountItems(shard, query);
        Task all = Task.WhenAll(calls);
        await all.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var (sums, answered) = (new long[interests.Count + 1], 0);
        foreach (var call in calls)
        {
            // A shard that failed or is late is missed by round 1 too, which says so.
            if (!call.IsCompletedSuccessfully)
                continue;
            var counts = MemoryMarshal.Cast<byte, long>(await call);
            if (counts.Length != sums.Length)
                continue;
            answered++;
            for (var i = 0; i < sums.Length; i++)
                sums[i] += counts[i];
        }
        return (sums, answered == calls.Length);
    }
}
