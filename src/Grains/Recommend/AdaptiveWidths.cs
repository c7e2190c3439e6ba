using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;

namespace KgOrleans.Grains.Recommend;

/// <summary>How many items this silo fine-ranks in each scene now. When a scene changes its settings, its width starts at full again.</summary>
public sealed class AdaptiveWidths : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "KgOrleans.AdaptiveWidth";

    private readonly Meter _meter = new(MeterName);
    private readonly ConcurrentDictionary<string, (AdaptiveWidth Settings, QualityFactor Factor)> _scenes = new();

    /// <summary>Creates the gauge.</summary>
    public AdaptiveWidths() => _meter.CreateObservableGauge(
        "kg.finerank.width",
        () => _scenes.Select(s => new Measurement<double>(s.Value.Factor.Factor, new KeyValuePair<string, object?>("scene", s.Key))),
        "1",
        "Share of the scene's items that are fine-ranked now");

    /// <summary>
    /// Under load only the first candidates of the pre-rank step are fine-ranked, and the answer says so. Without a ranker there is nothing to save.
    /// </summary>
    internal HydratedCandidates Narrow(FunnelRequest request, HydratedCandidates candidates)
    {
        if (!request.Clock.HasRanker)
            return candidates;
        var full = candidates.Candidates.Count;
        var width = Width(request.Settings, full, Math.Max(request.Settings.FineRank.Keep, ReRankStage.Wanted(request)));
        if (width >= full)
            return candidates;
        request.Clock.Degrade(Degradations.AdaptiveWidth,
            $"{width} of {full} items were ranked, to hold {request.Settings.FineRank.AdaptiveWidth!.TargetMs} ms");
        return candidates.First(width);
    }

    /// <summary>Records how long a request took, in milliseconds.</summary>
    internal void Record(SceneDocument scene, double tookMs)
    {
        if (scene.FineRank.AdaptiveWidth is { } settings)
            Of(scene.Scene, settings).Record(tookMs, settings.TargetMs, settings.Percentile);
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    /// <summary>Items that a request should fine-rank: <paramref name="full"/> scaled, and never fewer than <paramref name="least"/>.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="full">Items that could be ranked.</param>
    /// <param name="least">Items that re-ranking needs.</param>
    private int Width(SceneDocument scene, int full, int least) =>
        scene.FineRank.AdaptiveWidth is { } settings ? Math.Min(full, Math.Max(least, (int)Math.Ceiling(full * Of(scene.Scene, settings).Factor))) : full;

    private QualityFactor Of(string scene, AdaptiveWidth settings) =>
        _scenes.AddOrUpdate(
            scene,
            _ => (settings, new QualityFactor(settings.Least)),
            (_, now) => now.Settings == settings ? now : (settings, new QualityFactor(settings.Least))).Factor;
}
