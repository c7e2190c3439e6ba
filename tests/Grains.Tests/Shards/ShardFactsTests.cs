using System.Collections.Concurrent;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Grains.Tests.Shards;

[Trait("Suite", "Unit")]
public sealed class ShardFactsTests
{
    private readonly FakeShards _shards = new();

    [Fact]
    public async Task Each_item_is_asked_for_once_at_its_shard_and_comes_with_all_its_facts()
    {
        var facts = await FindAsync("w0", "w1", "w2", "w3", "w0", "gone");

        Assert.Equal(["gone", "w0", "w1", "w2", "w3"], facts.Keys.Order(StringComparer.Ordinal));
        Assert.Null(facts["gone"]);
        Assert.Equivalent(new ItemFacts("w2", "c", "s", ItemKind.Video, ["rock"], [1, 2]), facts["w2"], strict: true);
        Assert.Equal(5, _shards.Asked.Sum(a => a.Ids.Length));
        Assert.Equal(_shards.Asked.Count, _shards.Asked.Select(a => a.Shard).Distinct().Count());
        Assert.All(_shards.Asked, a => Assert.All(a.Ids, id => Assert.Equal(a.Shard, ShardOf(id))));
    }

    [Theory]
    [InlineData("warming")]
    [InlineData("timeout")]
    [InlineData("broken")]
    public async Task Items_of_a_shard_that_cannot_say_have_no_entry_and_the_others_have_theirs(string fault)
    {
        string[] ids = [.. Enumerable.Range(0, 20).Select(i => $"w{i}")];
        _shards.Faults[ShardOf("w0")] = fault;
        Assert.Equal(ids.Where(id => ShardOf(id) != ShardOf("w0")).Order(), (await FindAsync(ids)).Keys.Order());
    }

    [Fact]
    public async Task A_cancelled_caller_gets_no_partial_answer()
    {
        _shards.Faults[ShardOf("w0")] = "hang";
        using var cancel = new CancellationTokenSource();
        var facts = new ShardFacts(_shards, NullLogger<ShardFacts>.Instance).FindAsync(["w0", "w1"], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => facts);
    }

    private static int ShardOf(string id) => Key64.Shard(Key64.Of(id), 4);

    private Task<Dictionary<string, ItemFacts?>> FindAsync(params string[] ids) =>
        new ShardFacts(_shards, NullLogger<ShardFacts>.Instance).FindAsync(ids, default);

    private sealed class FakeShards : IShardClient
    {
        public int ShardCount => 4;

        public Dictionary<int, string> Faults { get; } = [];

        public ConcurrentBag<(int Shard, string[] Ids)> Asked { get; } = [];

        public Task<byte[]> CountItems(int shard, byte[] interests) => throw new NotSupportedException();

        public async Task<ItemFactsReply> GetFacts(int shard, string[] itemIds, CancellationToken cancellationToken)
        {
            Asked.Add((shard, itemIds));
            switch (Faults.GetValueOrDefault(shard))
            {
                case "warming":
                    return new ItemFactsReply(new WireItemFacts?[itemIds.Length], true);
                case "timeout":
                    throw new TimeoutException();
                case "broken":
                    throw new OrleansException("broken on purpose");
                case "hang":
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    break;
            }
            byte[] content = [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)];
            var facts = Array.ConvertAll(itemIds, id => id == "gone" ? null : new WireItemFacts(id, "c", "s", (byte)ItemKind.Video, ["rock"], content));
            return new ItemFactsReply(facts, false);
        }

        public Task<RecallReply> Recall(int shard, RecallQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<HydrateReply> Hydrate(int shard, HydrateQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<byte[]?> GetNeighbours(int shard, byte[] items, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<byte[]?> SumNeighbours(int shard, byte[] entries, byte[] sources, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> CountedTo(int shard, int partition, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> ApplyCounters(int shard, CounterDeltas deltas, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
