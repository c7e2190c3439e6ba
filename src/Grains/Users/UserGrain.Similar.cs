using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Users;

/// <summary>
/// What those like who like the same as the user: the summed neighbours of the newest items that the user likes, less those of what they dislike. They are
/// kept, read again when the user likes something else, and every five minutes while the user is there. A request waits only where there are none yet.
/// </summary>
public sealed partial class UserGrain
{
    // Dislikes are few and count in full.
    private const int DislikesKept = 8;
    private const float DislikeWeight = -1;

    // An item liked this many others ago counts half.
    private const double SourceHalfLife = 48;

    private static readonly TimeSpan SimilarAge = TimeSpan.FromMinutes(5);

    // A shard that takes more is left out of the sum, however long the caller would wait.
    private static readonly TimeSpan SimilarLimit = TimeSpan.FromSeconds(10);

    private UserSimilar? _similar;
    private Task? _similarCall;
    private long _similarCallSources;
    private (long Version, List<(string Id, float Weight)> Items, long Hash) _sources = (-1, [], 0);

    /// <summary>The sum for a request; whether it is older than what the user likes now, or lacks what some shards did not tell.</summary>
    private async Task<(UserSimilar? Similar, bool IsLate)> Similar(TimeSpan wait)
    {
        var hash = Sources().Hash;
        var isCurrent = _similar is not null && _similar.Sources == hash;
        if (isCurrent && !_similar!.IsPartial && time.GetElapsedTime(_similar.At) < SimilarAge)
            return (_similar, false);
        var call = ReadSimilar();
        if (!isCurrent)
            await Task.WhenAny(call, Task.Delay(wait, time));
        return (_similar, _similar is null || _similar.IsPartial || _similar.Sources != hash);
    }

    /// <summary>Reads the neighbours anew unless that is under way. Does not throw.</summary>
    private Task ReadSimilar()
    {
        var (_, items, hash) = Sources();
        if (_similarCall is { IsCompleted: false } && _similarCallSources == hash)
            return _similarCall;
        _similarCallSources = hash;
        return _similarCall = Read();

        async Task Read()
        {
            var read = await SumNeighbours(items, hash);
            // An erasure or another event in between: the newer call has the word. What all shards told is worth more than the newest that some did.
            if (_similarCallSources == hash && (!read.IsPartial || _similar is null || _similar.IsPartial || _similar.Sources != hash))
                _similar = read;
        }
    }

    private async Task<UserSimilar> SumNeighbours(List<(string Id, float Weight)> items, long hash)
    {
        var at = time.GetTimestamp();
        using var limit = new CancellationTokenSource(SimilarLimit, time);
        var isPartial = false;
        var sources = items.Select(i => new SimilarSource(PartialKey.Of(Key64.Of(i.Id)), i.Weight, 0)).ToArray();
        var lists = await Task.WhenAll(Enumerable.Range(0, sources.Length).GroupBy(i => PartialKey.Shard(sources[i].Key, shards.ShardCount)).Select(ListsOf));
        // Each neighbour goes to its own shard, which knows who else likes it.
        var entries = new List<SimilarEntry>?[shards.ShardCount];
        foreach (var entry in lists.SelectMany(l => l))
        {
            if (entry.Key == sources[entry.Source].Key)
                sources[entry.Source] = sources[entry.Source] with { Share = entry.Weight };
            else
                (entries[PartialKey.Shard(entry.Key, shards.ShardCount)] ??= []).Add(entry);
        }
        var packed = ShardRecall.Pack(sources);
        var sums = await Task.WhenAll(Enumerable.Range(0, entries.Length).Where(shard => entries[shard] is not null).Select(
            shard => Answer(shard, shards.SumNeighbours(shard, ShardRecall.Pack(entries[shard]!.ToArray()), packed, limit.Token))));
        var heaviest = SimilarItems.Heaviest([.. sums.SelectMany(s => MemoryMarshal.Cast<byte, SimilarItem>(s).ToArray())]);
        return new UserSimilar(hash, at, ShardRecall.Pack(heaviest), [.. items.Select(i => i.Id)], isPartial);

        async Task<SimilarEntry[]> ListsOf(IGrouping<int, int> places)
        {
            int[] of = [.. places];
            var reply = await Answer(places.Key, shards.GetNeighbours(places.Key, Key64.ToBytes(Array.ConvertAll(of, i => sources[i].Key)), limit.Token));
            return Array.ConvertAll(MemoryMarshal.Cast<byte, SimilarEntry>(reply).ToArray(), e => e with { Source = of[e.Source] });
        }

        // The other shards' part of a sum is better than none.
        async Task<byte[]> Answer(int shard, Task<byte[]?> call)
        {
            try
            {
                if (await call.WaitAsync(limit.Token) is { } told)
                    return told;
            }
            catch (Exception e) when (e is OperationCanceledException or TimeoutException or OrleansException)
            {
                LogShardSilent(e, shard, UserId);
            }
            isPartial = true;
            return [];
        }
    }

    private (long Version, List<(string Id, float Weight)> Items, long Hash) Sources()
    {
        if (_sources.Version == State.Version)
            return _sources;
        var items = new List<(string Id, float Weight)>();
        var met = new HashSet<string>();
        foreach (var entry in State.Liked())
        {
            if (items.Count < ItemPairs.Most && met.Add(entry.ItemId))
                items.Add((entry.ItemId, (float)double.Exp2(-items.Count / SourceHalfLife)));
        }
        var dislikes = State.History.AsEnumerable().Reverse().Where(h => EventTypes.Of(h.Type).Removes);
        items.AddRange(dislikes.Select(h => h.ItemId).Distinct().Take(DislikesKept).Select(id => (id, DislikeWeight)));
        var hash = new HashCode();
        foreach (var (id, weight) in items)
        {
            hash.Add(id);
            hash.Add(weight);
        }
        return _sources = (State.Version, items, hash.ToHashCode());
    }

    // Pages say it, and count it. Here it tells which shard.
    [LoggerMessage(Level = LogLevel.Information, Message = "Shard {Shard} did not tell which items go with what user {UserId} likes; pages lack its part")]
    private partial void LogShardSilent(Exception e, int shard, string userId);
}
