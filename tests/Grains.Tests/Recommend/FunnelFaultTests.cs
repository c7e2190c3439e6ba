using System.Runtime.InteropServices;
using System.Text;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>Shards that are late, broken or loading: the page comes from the others, in time, and says so.</summary>
[Trait("Suite", "Cluster")]
public sealed class FunnelFaultTests
{
    [Theory]
    [InlineData(nameof(FaultyShards.Hang), "shardTimeout")]
    [InlineData(nameof(FaultyShards.Break), "shardFailed")]
    [InlineData(nameof(FaultyShards.Warm), "shardWarming")]
    public async Task A_shard_that_does_not_answer_round_1_is_left_out_and_named(string fault, string reason)
    {
        var faults = new FaultyShards();
        await using var node = await StartAsync(faults);
        faults.Recall[3] = fault;
        var page = await node.PageAsync("u1", c => c with { TimeoutMs = 1_000, PageSize = 100 });
        Assert.Contains(page.Degraded, d => d is { Stage: "recall", Detail: "shards 3" } && d.Reason == reason);
        Assert.Equal(100, page.Items.Length);
        Assert.DoesNotContain(page.Items, i => Key64.Shard(Key64.Of(i.ItemId), 8) == 3);
        Assert.InRange(page.TookMs, 0, 1_000);

        faults.Recall.Clear();
        Assert.DoesNotContain((await node.PageAsync("u1")).Degraded, d => d.Stage == "recall" && d.Reason == reason);
    }

    [Theory]
    [InlineData(nameof(FaultyShards.Hang), "shardTimeout")]
    [InlineData(nameof(FaultyShards.Break), "shardFailed")]
    public async Task A_shard_that_does_not_answer_round_2_is_left_out_and_named(string fault, string reason)
    {
        var faults = new FaultyShards();
        await using var node = await StartAsync(faults);
        faults.Hydrate[5] = fault;
        var page = await node.PageAsync("u1", c => c with { TimeoutMs = 1_000, PageSize = 100 });
        Assert.Contains(page.Degraded, d => d is { Stage: "hydrate", Detail: "shards 5" } && d.Reason == reason);
        Assert.Equal(100, page.Items.Length);
        Assert.DoesNotContain(page.Items, i => Key64.Shard(Key64.Of(i.ItemId), 8) == 5);
    }

    [Fact]
    public async Task A_channel_that_was_late_in_some_shards_is_named_with_them_and_the_page_comes_from_the_others()
    {
        var faults = new FaultyShards();
        await using var node = await StartAsync(faults);
        (faults.Recall[3], faults.Recall[6]) = (nameof(FaultyShards.LateHot), nameof(FaultyShards.LateHot));
        var page = await node.PageAsync("u1", c => c with { PageSize = 100 });
        Assert.Equal("hot on shards 3, 6", Assert.Single(page.Degraded, d => d is { Stage: "recall", Reason: "channelTimeout" }).Detail);
        Assert.Equal(100, page.Items.Length);
        Assert.All(page.Items.Where(i => i.Channels.Contains("hot")), i => Assert.False(Key64.Shard(Key64.Of(i.ItemId), 8) is 3 or 6));
        // What is missing of the catalogue shrinks the quota: the shards that answered have the share that they always have.
        faults.Recall.Clear();
        var full = await node.PageAsync("u1", c => c with { PageSize = 100 });
        Assert.DoesNotContain(full.Degraded, d => d.Reason == "channelTimeout");
        Assert.InRange(page.Funnel!.Channels["hot"], 1, full.Funnel!.Channels["hot"] * 6 / 8 + 1);
    }

    [Fact]
    public async Task What_goes_with_likes_is_waited_for_as_long_as_the_caller_gives_and_its_lack_is_named()
    {
        var faults = new FaultyShards { Neighbours = new TaskCompletionSource() };
        await using var node = await StartAsync(faults);
        await LikeTogetherAsync(node);
        Assert.Equal(1, (await node.PageAsync("u1")).Degraded.Count(d => d is { Stage: "recall", Reason: "similarTimeout" }));

        // Sixty times the scene's time: the channel has 12 s in place of 0.2.
        await node.RecordAsync(Like("u1", "w2"));
        var patient = node.PageAsync("u1", c => c with { TimeoutMs = 60_000, PageSize = 100 });
        await Task.Delay(500, TestContext.Current.CancellationToken);
        faults.Neighbours.SetResult();
        var page = await patient;
        Assert.DoesNotContain(page.Degraded, d => d.Reason == "similarTimeout");
        Assert.Contains(page.Items, i => i.Channels.Contains("similar"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shard_that_does_not_tell_what_goes_with_likes_costs_its_part_only_and_is_asked_again(bool isLoading)
    {
        var faults = new FaultyShards { LoadsNeighbours = isLoading };
        await using var node = await StartAsync(faults);
        await LikeTogetherAsync(node);
        var broken = Key64.Shard(Key64.Of("w3"), 8);
        Assert.All(new[] { "w1", "w4" }, id => Assert.NotEqual(broken, Key64.Shard(Key64.Of(id), 8)));
        faults.BrokenNeighbours = broken;
        var page = await SimilarAsync();
        Assert.Contains(page.Degraded, d => d is { Stage: "recall", Reason: "similarTimeout" });
        Assert.Contains(page.Items, i => i.ItemId == "w4" && i.Channels.Contains("similar"));
        Assert.DoesNotContain(page.Items, i => i.ItemId == "w3" && i.Channels.Contains("similar"));

        faults.BrokenNeighbours = -1;
        // What is there is served at once, and the shard is asked again beside it.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (page = await SimilarAsync(); page.Degraded.Any(d => d.Reason == "similarTimeout"); page = await SimilarAsync())
            await Task.Delay(20, limit.Token);
        Assert.Contains(page.Items, i => i.ItemId == "w3" && i.Channels.Contains("similar"));

        Task<RecommendAnswer> SimilarAsync() => node.PageAsync("u1", c => c with { TimeoutMs = 60_000, PageSize = 100 });
    }

    [Fact]
    public async Task Nothing_is_served_when_no_shard_answers()
    {
        var faults = new FaultyShards();
        await using var node = await StartAsync(faults);
        for (var shard = 0; shard < 8; shard++)
            faults.Recall[shard] = nameof(FaultyShards.Break);
        Assert.Equal(RecommendStatus.Unavailable, (await node.RecommendAsync("u1")).Status);
        faults.Recall.Clear();
        for (var shard = 0; shard < 8; shard++)
            faults.Hydrate[shard] = nameof(FaultyShards.Break);
        Assert.Equal(RecommendStatus.Unavailable, (await node.RecommendAsync("u1")).Status);
    }

    [Fact]
    public async Task A_page_short_of_shards_does_not_end_the_chain()
    {
        var faults = new FaultyShards();
        await using var node = await StartAsync(faults);
        for (var shard = 0; shard < 7; shard++)
            faults.Recall[shard] = nameof(FaultyShards.Break);
        var reply = await node.RecommendAsync("u1", c => c with { PageSize = 100 });
        Assert.InRange(reply.Answer!.Items.Length, 1, 99);
        Assert.NotNull(reply.NextPage);
    }

    [Fact]
    public async Task A_request_that_ends_early_gives_up_the_pins_that_it_asked_for()
    {
        var faults = new FaultyShards { HangsPins = true };
        await using var node = await StartAsync(faults);
        await node.PutSceneAsync(BuiltInScenes.All["feed"] with { ReRank = new() { Pins = [new Pin("w1", 0)] } });
        for (var shard = 0; shard < 8; shard++)
            faults.Recall[shard] = nameof(FaultyShards.Break);
        Assert.Equal(RecommendStatus.Unavailable, (await node.RecommendAsync("u1")).Status);
        Assert.True(Assert.Single(faults.Pins).IsCancellationRequested);

        faults.Recall.Clear();
        for (var shard = 0; shard < 8; shard++)
            faults.Hydrate[shard] = nameof(FaultyShards.Break);
        Assert.Equal(RecommendStatus.Unavailable, (await node.RecommendAsync("u1")).Status);
        Assert.True(faults.Pins[1].IsCancellationRequested);
    }

    private static async Task<TestNode> StartAsync(FaultyShards faults)
    {
        var node = await TestNode.StartAsync(services: s => s.AddSingleton<IShardClient>(p =>
        {
            faults.Inner = new GrainShardClient(p.GetRequiredService<IGrainFactory>(), p.GetRequiredService<IOptions<ShardOptions>>());
            return faults;
        }));
        await node.PutAsync(SampleCatalogue.Items(400, creators: 80, songs: 80));
        return node;
    }

    // Others like w1 to w5; the user likes w1. Waits until the shard of w1 has the pairs.
    private static async Task LikeTogetherAsync(TestNode node)
    {
        for (var fan = 0; fan < 3; fan++)
            await node.RecordAsync([.. Enumerable.Range(1, 5).Select(i => Like($"fan{fan}", $"w{i}"))]);
        await node.RecordAsync(Like("u1", "w1"));
        var item = Key64.Of("w1");
        var shard = node.Grains.GetGrain<IItemShardGrain>(Key64.Shard(item, node.ShardCount));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        // The item itself and four neighbours.
        while (MemoryMarshal.Cast<byte, SimilarEntry>(await shard.GetNeighbours(Key64.ToBytes([PartialKey.Of(item)]), default)).Length < 5)
            await Task.Delay(20, limit.Token);
    }

    private static UserEvent Like(string user, string item) => new() { UserId = user, ItemId = item, Type = EventType.Like };

    /// <summary>The real client with faults in chosen shards.</summary>
    private sealed class FaultyShards : IShardClient
    {
        public IShardClient Inner { get; set; } = null!;

        public Dictionary<int, string> Recall { get; } = [];

        public Dictionary<int, string> Hydrate { get; } = [];

        /// <summary>What shards wait for before they tell neighbours; null for nothing.</summary>
        public TaskCompletionSource? Neighbours { get; init; }

        /// <summary>Shard that neither tells nor sums neighbours; -1 for none.</summary>
        public int BrokenNeighbours { get; set; } = -1;

        /// <summary>Whether that shard says that it is loading, rather than fail.</summary>
        public bool LoadsNeighbours { get; init; }

        /// <summary>Whether the question which pins may be shown is never answered.</summary>
        public bool HangsPins { get; init; }

        /// <summary>Cancellation of each such question.</summary>
        public List<CancellationToken> Pins { get; } = [];

        public int ShardCount => Inner.ShardCount;

        public static Task<T> Hang<T>() => new TaskCompletionSource<T>().Task;

        public static Task<T> Break<T>() => Task.FromException<T>(new OrleansException("broken on purpose"));

        public static Task<RecallReply> Warm() => Task.FromResult(new RecallReply(new ReplyHeader(true, 0, 0, 0, null), [], [], []));

        public static RecallQuery WithoutHot(RecallQuery query) =>
            query with { Quotas = [.. query.Quotas.Select((q, channel) => channel == (int)RecallChannel.Hot ? 0 : q)] };

        /// <summary>A reply without the hot channel, which took longer than its time.</summary>
        public static async Task<RecallReply> LateHot(Task<RecallReply> full)
        {
            var reply = await full;
            var zones = reply.Zones.ToArray();
            MemoryMarshal.Cast<byte, ChannelZone>(zones.AsSpan())[(int)RecallChannel.Hot] = new ChannelZone(0, 0, 0, IsLate: 1, default, default);
            return reply with { Zones = zones };
        }

        Task<RecallReply> IShardClient.Recall(int shard, RecallQuery query, CancellationToken cancellationToken)
        {
            if (!HangsPins || !Encoding.UTF8.GetString(query.Filter).Contains("itemId", StringComparison.Ordinal))
                return RecallOf(shard, query, cancellationToken);
            Pins.Add(cancellationToken);
            return Hang<RecallReply>();
        }

        private Task<RecallReply> RecallOf(int shard, RecallQuery query, CancellationToken cancellationToken) => Recall.GetValueOrDefault(shard) switch
        {
            nameof(Hang) => Hang<RecallReply>(),
            nameof(Break) => Break<RecallReply>(),
            nameof(Warm) => Warm(),
            nameof(LateHot) => LateHot(Inner.Recall(shard, WithoutHot(query), cancellationToken)),
            _ => Inner.Recall(shard, query, cancellationToken),
        };

        Task<HydrateReply> IShardClient.Hydrate(int shard, HydrateQuery query, CancellationToken cancellationToken) => Hydrate.GetValueOrDefault(shard) switch
        {
            nameof(Hang) => Hang<HydrateReply>(),
            nameof(Break) => Break<HydrateReply>(),
            _ => Inner.Hydrate(shard, query, cancellationToken),
        };

        Task<ItemFactsReply> IShardClient.GetFacts(int shard, string[] itemIds, CancellationToken cancellationToken) =>
            Inner.GetFacts(shard, itemIds, cancellationToken);

        async Task<byte[]?> IShardClient.GetNeighbours(int shard, byte[] items, CancellationToken cancellationToken)
        {
            if (Neighbours is { } gate)
                await gate.Task;
            return await (shard == BrokenNeighbours ? Untold() : Inner.GetNeighbours(shard, items, cancellationToken));
        }

        Task<byte[]?> IShardClient.SumNeighbours(int shard, byte[] entries, byte[] sources, CancellationToken cancellationToken) =>
            shard == BrokenNeighbours ? Untold() : Inner.SumNeighbours(shard, entries, sources, cancellationToken);

        private Task<byte[]?> Untold() => LoadsNeighbours ? Task.FromResult<byte[]?>(null) : Break<byte[]?>();

        Task<byte[]> IShardClient.CountItems(int shard, byte[] interests) => Inner.CountItems(shard, interests);

        Task<long> IShardClient.CountedTo(int shard, int partition, CancellationToken cancellationToken) =>
            Inner.CountedTo(shard, partition, cancellationToken);

        Task<long> IShardClient.ApplyCounters(int shard, CounterDeltas deltas, CancellationToken cancellationToken) =>
            Inner.ApplyCounters(shard, deltas, cancellationToken);
    }
}
