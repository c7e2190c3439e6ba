using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Recommend;

/// <summary>What all stages of one request share.</summary>
internal sealed class FunnelRequest
{
    private static readonly ServingContext NoContext = new();

    public required RecommendCommand Command { get; init; }

    public required EffectiveScene Scene { get; init; }

    public required UserReply User { get; init; }

    /// <summary>Bundle that serves this user; null when there is none for their world.</summary>
    public required ModelBundle? Model { get; init; }

    /// <summary>Whether the bundle's recall head failed for this user. The model channel then finds nothing; the towers and the ranker run as usual.</summary>
    public bool LacksRecallVector => Model is { RecallDimension: > 0 } && User.RecallVector.Length == 0;

    /// <summary>State of the chain of pages; null on the first page.</summary>
    public required PageState? Page { get; init; }

    /// <summary>Keys of the items that this request and those of the pages before exclude, each once.</summary>
    public required ulong[] Excluded { get; init; }

    /// <summary>Time of the request, unix milliseconds.</summary>
    public required long Now { get; init; }

    public required StageClock Clock { get; init; }

    /// <summary>Start of the minute: scores are computed as of it, so that equal requests within a minute get equal answers.</summary>
    public long ScoreTime => Now - (Now % 60_000);

    /// <summary>
    /// Seed of everything random: the chain's, else the caller's, else a hash of the request's id. Dry runs without a seed have 0, so that equal ones get
    /// equal answers.
    /// </summary>
    public long Seed => Page?.Seed ?? Command.Seed ?? (Command.DryRun || Settings.Exploration.Share <= 0 ? 0 : Exploration.SeedOf(Command.RequestId));

    /// <summary>What the request said about itself; empty when it said nothing.</summary>
    public ServingContext Context => Command.Context ?? NoContext;

    /// <summary>What the rankers are fed of the request.</summary>
    public KgOrleans.Inference.RequestContext RankerContext =>
        new(ScoreTime, Command.Context, MemoryMarshal.Cast<byte, float>(User.Heads).ToArray());

    public SceneDocument Settings => Scene.Document;

    /// <summary>Milliseconds that the request may take.</summary>
    public int TotalMs => Command.TimeoutMs ?? Settings.DeadlineMs;

    /// <summary>Key of the scene: whose share of the scoring pool pays.</summary>
    public ulong SceneKey => Key64.Of(Settings.Scene);
}
