using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Recommend;

/// <summary>
/// What this silo served of each traffic class with a share, by scene, in memory. When a scene changes the filters of its classes, it counts from nothing.
/// </summary>
public sealed class TrafficLedger : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "KgOrleans.Traffic";

    // Scenes that were deleted leave their counts behind. When there are this many, all scenes count from nothing.
    private const int MostScenes = 2 * SceneLimits.Scenes;

    private readonly Meter _meter = new(MeterName);
    private readonly ConcurrentDictionary<string, (string Key, TrafficWindow Window)> _scenes = new();

    /// <summary>Creates the gauge.</summary>
    public TrafficLedger() =>
        _meter.CreateObservableGauge("kg.traffic.share", Shares, "1", "Share of the scene's newest served positions that a traffic class has, by its number");

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    /// <summary>What a page owes the scene's traffic classes; null when no class has a share.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="length">Positions of the page.</param>
    internal TrafficPlan? Plan(EffectiveScene scene, int length)
    {
        if (scene.SharedTraffic.Count == 0)
            return null;
        var window = Of(scene);
        var (quotas, counts) = window.Quotas([.. scene.SharedTraffic.Select(t => t.Share)], length);
        return new TrafficPlan(quotas, counts, new int[quotas.Length]);
    }

    /// <summary>Counts a page that is served.</summary>
    internal void Record(EffectiveScene scene, Page page)
    {
        if (page.Traffic is { } plan)
            Of(scene).Record(page.Order.Count, plan.Served);
    }

    private TrafficWindow Of(EffectiveScene scene)
    {
        var (name, key) = (scene.Document.Scene, scene.SharedTrafficKey);
        if (_scenes.Count >= MostScenes && !_scenes.ContainsKey(name))
            _scenes.Clear();
        return _scenes.AddOrUpdate(name, Fresh, (n, now) => now.Key == key ? now : Fresh(n)).Window;

        (string, TrafficWindow) Fresh(string _) => (key, new TrafficWindow(scene.SharedTraffic.Count));
    }

    private IEnumerable<Measurement<double>> Shares()
    {
        foreach (var (scene, (_, window)) in _scenes)
        {
            var counts = window.Counts();
            for (var c = 1; c < counts.Length && counts[0] > 0; c++)
                yield return new Measurement<double>(counts[c] / (double)counts[0], new("scene", scene), new("class", c - 1));
        }
    }
}
