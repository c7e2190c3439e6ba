using System.Text.Json;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Tests.Recall;

/// <summary>Scenes of which a test sets one part.</summary>
internal static class SampleRecallScene
{
    public static RecallScene Of(ColdStartSettings? coldStart = null, string? admission = null, PreRankCalibration? calibration = null) => new(
        new DiscoverySettings { ColdStart = coldStart }, new RecallSettings(), calibration ?? new PreRankCalibration(), admission is null
            ? null
            : JsonElement.Parse(admission));
}
