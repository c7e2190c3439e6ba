using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Recommend;
using KgOrleans.Grains.Scoring;
using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>Fine ranking and re-ranking of given items under any scene, without a cluster.</summary>
internal sealed class StageBench : IDisposable
{
    /// <summary>2026-01-05 06:00 UTC.</summary>
    public const long Now = 1_767_592_800_000;

    private readonly ScoringPool _pool = new(Options.Create(new ScoringOptions()));

    /// <summary>The bundle; null for none.</summary>
    public ModelBundle? Model { get; init; }

    /// <summary>What was served of each traffic class.</summary>
    public TrafficLedger Traffic { get; } = new();

    /// <summary>Pool of the fine ranker, when it is another than that of re-ranking.</summary>
    public ScoringPool? RankerPool { get; init; }

    public static FunnelRequest Request(
        SceneDocument scene, ModelBundle? model = null, PageState? page = null, UserSnapshot? user = null, IEnumerable<string>? session = null,
        Func<RecommendCommand, RecommendCommand>? change = null)
    {
        var command = new RecommendCommand { RequestId = "r1", UserId = "u1", Scene = scene.Scene, PageSize = 10, DryRun = true, Explain = true };
        return new FunnelRequest
        {
            Command = change?.Invoke(command) ?? command,
            Scene = new EffectiveScene(scene, 1),
            User = new UserReply(user ?? UserSnapshot.Unknown("u1"), [], [], null, false) { SessionKeys = Key64.ToBytes(Key64.OfAll([.. session ?? []])) },
            Model = model,
            Page = page,
            Excluded = [],
            Now = Now,
            Clock = new StageClock(TimeProvider.System),
        };
    }

    /// <summary>Candidates in pre-rank order: each one's standing is a little below that of the one before.</summary>
    public static HydratedCandidates Candidates(params ItemDocument[] items)
    {
        var block = ItemColumns.Block(items, 32, 0);
        return new HydratedCandidates(
            [
                .. items.Select((item, i) => new MergedCandidate
                {
                    Key = Key64.Of(item.ItemId),
                    Shard = 0,
                    Row = i,
                    PreRank = float.NaN,
                    Relevance = 1 - (i / (float)items.Length),
                }),
            ],
            block);
    }

    public void Dispose()
    {
        _pool.Dispose();
        Traffic.Dispose();
        RankerPool?.Dispose();
    }

    /// <summary>A page from candidates that come from pre-ranking.</summary>
    public async Task<Page> PageAsync(FunnelRequest request, HydratedCandidates candidates, ItemBlock? served = null, CancellationToken rankerBudget = default)
    {
        var ranked = await new FineRankStage(RankerPool ?? _pool, NullLogger.Instance).RunAsync(request, candidates, narrowed: 0, rankerBudget, default);
        return await new ReRankStage(_pool, Traffic, NullLogger.Instance).RunAsync(request, ranked, ContextOf(request, served), default);
    }

    /// <summary>What was served before, of which only some items still exist.</summary>
    public static ServedContext ContextOf(FunnelRequest request, ItemBlock? known = null) =>
        ServedContext.Of(request, ServedContext.KeysOf(request), known ?? new ItemBlock(0, 1, 0));

    /// <summary>Ids of a page.</summary>
    public static string[] Ids(Page page) => [.. page.Order.Select(i => page.Ranked.Block.Ids[i])];
}
